# SPDX-License-Identifier: GPL-2.0-or-later
# The record: part of the daemon, and a program that checks a file.
PKGS_daemon/record := sqlite3 jansson libsodium zlib

RECORD_VERIFY_OBJS := $(addprefix daemon/record/, \
	verify.o schema.o chain.o row.o checkpoint.o block.o body.o \
	store_errno.o anchor.o wal.o beside.o page.o exported.o \
	unused.o)
RECORD_OBJS := $(RECORD_VERIFY_OBJS) $(addprefix daemon/record/, \
	record.o writer.o recover.o store.o key.o sessions.o query.o history.o past.o \
	places.o kind.o origin.o export.o import.o \
	reserve.o backup.o aside.o)

PROGRAMS += $(B)/bin/mnpen-verify
LIBS_mnpen-verify := sqlite3 jansson libsodium zlib
$(B)/bin/mnpen-verify: $(addprefix $(B)/obj/,$(RECORD_VERIFY_OBJS) \
	daemon/record/readonly.o daemon/record/mnpen-verify.o)

INSTALLS += install-record
.PHONY: install-record
install-record: $(B)/bin/mnpen-verify
	install -D -m 755 $(B)/bin/mnpen-verify \
		$(DESTDIR)$(PREFIX)/bin/mnpen-verify
	install -D -m 644 daemon/record/mnpen-verify.1 \
		$(DESTDIR)$(PREFIX)/share/man/man1/mnpen-verify.1

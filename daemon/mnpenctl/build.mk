# SPDX-License-Identifier: GPL-2.0-or-later
PKGS_daemon/mnpenctl := jansson
MNPENCTL_SRCS := $(addprefix daemon/mnpenctl/,mnpenctl.c verbs.c call.c \
		   explain.c units.c list.c catalogue.c watch.c stop.c reset.c \
		   record.c sheet.c session.c turn.c ask.c run.c progress.c \
		   terminal.c)
PROGRAMS += $(B)/bin/mnpenctl
LIBS_mnpenctl := jansson
$(B)/bin/mnpenctl: $(MNPENCTL_SRCS:%.c=$(B)/obj/%.o) $(LIBMNPEN_OBJS)
# The same with sanitizers, for the tests.
$(B)/san/bin/mnpenctl: $(MNPENCTL_SRCS:%.c=$(B)/san/%.o) $(LIBMNPEN_SAN_OBJS)

INSTALLS += install-mnpenctl
.PHONY: install-mnpenctl
install-mnpenctl: $(B)/bin/mnpenctl
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(B)/bin/mnpenctl $(DESTDIR)$(PREFIX)/bin/
	install -m 644 daemon/mnpenctl/mnpenctl.1 \
		$(DESTDIR)$(PREFIX)/share/man/man1/

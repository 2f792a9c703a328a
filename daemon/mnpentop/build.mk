# SPDX-License-Identifier: GPL-2.0-or-later
PKGS_daemon/mnpentop := jansson ncursesw
MNPENTOP_SRCS := $(addprefix daemon/mnpentop/,main.c feed.c canvas.c latency.c \
		   replay.c csv.c screen.c terminal.c) \
		 $(addprefix daemon/mnpenctl/,samples.c samples_csv.c js.c i18n.c)
PROGRAMS += $(B)/bin/mnpentop
LIBS_mnpentop := jansson ncursesw
$(B)/bin/mnpentop: $(MNPENTOP_SRCS:%.c=$(B)/obj/%.o) $(LIBMNPEN_OBJS)
# The same with sanitizers, for mnpentop-test.
TEST_PROGRAMS += $(B)/san/bin/mnpentop
$(B)/san/bin/mnpentop: $(MNPENTOP_SRCS:%.c=$(B)/san/%.o) $(LIBMNPEN_SAN_OBJS)

INSTALLS += install-mnpentop
.PHONY: install-mnpentop
install-mnpentop: $(B)/bin/mnpentop
	install -D -m 755 $< $(DESTDIR)$(PREFIX)/bin/mnpentop
	install -D -m 644 daemon/mnpentop/mnpentop.1 \
		$(DESTDIR)$(PREFIX)/share/man/man1/mnpentop.1

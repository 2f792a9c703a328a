# SPDX-License-Identifier: GPL-2.0-or-later
# The client library. mnpenctl and the tests link its objects, not the .so, so
# that they run from build/ as they are.
PKGS_daemon/libmnpen := jansson
LIBMNPEN_SRCS := $(addprefix daemon/libmnpen/,buffer.c message.c socket.c \
		   client.c call.c error.c stop.c control.c monitor.c)
LIBMNPEN_OBJS := $(LIBMNPEN_SRCS:%.c=$(B)/obj/%.o)
LIBMNPEN_SAN_OBJS := $(LIBMNPEN_SRCS:%.c=$(B)/san/%.o)
LIBMNPEN_MAP := daemon/libmnpen/libmnpen.map
LIBRARIES += $(B)/lib/libmnpen.so

$(B)/lib/libmnpen.so.1: $(LIBMNPEN_SRCS:%.c=$(B)/pic/%.o) $(LIBMNPEN_MAP)
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(Q)$(CC) -shared -Wl,-soname,$(@F) -Wl,--version-script=$(LIBMNPEN_MAP) \
		-Wl,-z,relro,-z,now,-z,defs $(LDFLAGS) -o $@ \
		$(filter %.o,$^) $(call pkg,jansson,--libs)

$(B)/lib/libmnpen.so: $(B)/lib/libmnpen.so.1
	@ln -sf $(<F) $@

INSTALLS += install-libmnpen
.PHONY: install-libmnpen
install-libmnpen: $(B)/lib/libmnpen.so
	install -d $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 644 daemon/libmnpen/libmnpen.h $(DESTDIR)$(PREFIX)/include/
	install -m 755 $(B)/lib/libmnpen.so.1 $(DESTDIR)$(LIBDIR)/
	ln -sf libmnpen.so.1 $(DESTDIR)$(LIBDIR)/libmnpen.so
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' \
		daemon/libmnpen/libmnpen.pc.in \
		>$(DESTDIR)$(LIBDIR)/pkgconfig/libmnpen.pc

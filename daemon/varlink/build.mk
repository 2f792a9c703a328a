# SPDX-License-Identifier: GPL-2.0-or-later
# The socket server. VARLINK_OBJS are relative: whoever links them puts $(B)/obj/
# or $(B)/san/ in front.
VARLINK_OBJS := $(addprefix daemon/varlink/,server.o socket.o listen.o conn.o \
                deadline.o receive.o dispatch.o service.o call.o share.o send.o \
                message.o frame.o encode.o outq.o bucket.o timer.o \
                interface.o)
PKGS_daemon/varlink := libevent_core jansson

# The interface file as C string literals, one per line.
VARLINK_INC := $(B)/gen/daemon/varlink/interface.inc
$(VARLINK_INC): daemon/varlink/io.mnpen.Pen.varlink
	@mkdir -p $(@D)
	@echo "  GEN     $@"
	$(Q)sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' $< > $@.tmp
	$(Q)mv $@.tmp $@

VARLINK_INTERFACE_OBJS := $(foreach f,obj san fuzz,$(B)/$(f)/daemon/varlink/interface.o)
$(VARLINK_INTERFACE_OBJS): CPPFLAGS += -I$(B)/gen/daemon/varlink
$(VARLINK_INTERFACE_OBJS): $(VARLINK_INC)

INSTALLS += install-interface
.PHONY: install-interface
install-interface:
	install -D -m 644 daemon/varlink/io.mnpen.Pen.varlink \
		$(DESTDIR)$(PREFIX)/share/mnpen/io.mnpen.Pen.varlink

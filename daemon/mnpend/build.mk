# SPDX-License-Identifier: GPL-2.0-or-later
# The shell: event loop, hot-plug, pens, sessions, sockets.
MNPEND_SRCS := $(addprefix daemon/mnpend/,main.c clinic.c device.c \
	hotplug.c landlock.c listen.c log.c methods.c methods_begin.c methods_care.c \
	methods_data.c methods_forms.c methods_plan.c methods_record.c monitor.c notify.c override.c pen.c papers.c pen_alarms.c pen_errors.c \
	pen_json.c pen_text.c pen_record.c raw.c recent.c service.c methods_service.c \
	methods_bundle.c methods_reset.c recorder.c seccomp.c summary.c \
	why.c)
MNPEND_OBJS := $(patsubst %.c,$(B)/obj/%.o,$(filter %.c,$(MNPEND_SRCS)))

PKGS_daemon/mnpend := libevent_core libudev jansson
LIBS_mnpend := libevent_core libudev jansson sqlite3 libsodium zlib inih \
               libseccomp
LDLIBS_mnpend := -pthread

# Where make install puts what the daemon reads; rewritten when PREFIX changes.
MNPEND_PATHS := $(B)/gen/daemon/mnpend/paths.h
$(MNPEND_PATHS): FORCE
	@mkdir -p $(@D)
	@echo '#define MNPEND_CATALOGUE "$(PREFIX)/share/mnpen/catalogue"' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
.PHONY: FORCE
$(B)/obj/daemon/mnpend/main.o $(B)/obj/daemon/mnpend/clinic.o: $(MNPEND_PATHS)
$(B)/obj/daemon/mnpend/main.o $(B)/obj/daemon/mnpend/clinic.o: \
	CPPFLAGS += -I$(B)/gen

PROGRAMS += $(B)/bin/mnpend
$(B)/bin/mnpend: $(MNPEND_OBJS) $(SAFETY_OBJS) $(CATALOGUE_OBJS) \
	$(CATALOGUE_LOAD_OBJS) $(UDI_OBJS) \
	$(addprefix $(B)/obj/,$(RECORD_OBJS)) \
	$(addprefix $(B)/obj/,$(VARLINK_OBJS))

INSTALLS += install-mnpend
.PHONY: install-mnpend
install-mnpend: $(B)/bin/mnpend
	install -D -m 0755 $< $(DESTDIR)$(PREFIX)/sbin/mnpend
	install -D -m 0644 daemon/mnpend/mnpend.8 \
		$(DESTDIR)$(PREFIX)/share/man/man8/mnpend.8

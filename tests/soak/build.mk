# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon but for its pens and its confinement, its main under another name.
SOAK_REST := $(filter-out $(addprefix %/,main.o device.o hotplug.o landlock.o \
	seccomp.o),$(MNPEND_OBJS)) $(SAFETY_OBJS) $(CATALOGUE_OBJS) \
	$(CATALOGUE_LOAD_OBJS) $(UDI_OBJS) \
	$(addprefix $(B)/obj/,$(RECORD_OBJS)) \
	$(addprefix $(B)/obj/,$(VARLINK_OBJS))

TEST_PROGRAMS += $(B)/bin/soak
PKGS_tests/soak := libevent_core jansson sqlite3
LIBS_soak := $(filter-out libudev libseccomp,$(LIBS_mnpend))
# libevent and SQLite have to find our clock and disk.
LDLIBS_soak := -pthread -rdynamic
$(B)/bin/soak: $(patsubst %,$(B)/obj/tests/soak/%.o,soak script world pen \
	client main) $(SOAK_REST)
$(B)/obj/tests/soak/main.o: daemon/mnpend/main.c $(MNPEND_PATHS)
	@mkdir -p $(@D)
	@echo "  CC      $< (for soak)"
	$(Q)$(CC) $(CSTD) $(CPPFLAGS) -I$(B)/gen -Dmain=mnpend_main $(WARN) \
		-Wno-missing-prototypes $(HARDEN) $(CFLAGS) \
		$(call pkg,$(PKGS_daemon/mnpend),--cflags) -MMD -MP -c -o $@ $<

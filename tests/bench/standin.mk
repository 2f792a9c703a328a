# SPDX-License-Identifier: GPL-2.0-or-later
# mnpend with a stand-in for the pen: tests of its sockets on any machine.
STANDIN_REST := $(filter-out %/hotplug.o %/pen.o,$(MNPEND_OBJS)) \
	$(SAFETY_OBJS) $(CATALOGUE_OBJS) $(CATALOGUE_LOAD_OBJS) $(UDI_OBJS) \
	$(addprefix $(B)/obj/,$(RECORD_OBJS)) \
	$(addprefix $(B)/obj/,$(VARLINK_OBJS))
STANDIN_WRAP := -pthread -Wl,--wrap=open,--wrap=ioctl

TEST_PROGRAMS += $(B)/bin/mnpend-standin
LIBS_mnpend-standin := $(filter-out libudev,$(LIBS_mnpend))
LDLIBS_mnpend-standin := $(STANDIN_WRAP)
$(B)/bin/mnpend-standin: $(B)/obj/tests/bench/standin.o \
	$(B)/obj/daemon/mnpend/pen.o $(STANDIN_REST)

# The same for tests/bench/sockets: every record goes to who watches.
TEST_PROGRAMS += $(B)/bin/mnpend-fan
LIBS_mnpend-fan := $(LIBS_mnpend-standin)
LDLIBS_mnpend-fan := $(STANDIN_WRAP)
$(B)/bin/mnpend-fan: $(B)/obj/tests/bench/standin.o \
	$(B)/obj/tests/bench/pen-fan.o $(STANDIN_REST)
$(B)/obj/tests/bench/pen-fan.o: daemon/mnpend/pen.c
	@mkdir -p $(@D)
	@echo "  CC      $< (every record)"
	$(Q)$(CC) $(CSTD) $(CPPFLAGS) -DMNPEND_TELEMETRY_MS=0 $(WARN) -Wno-type-limits $(HARDEN) \
		$(CFLAGS) $(call pkg,$(PKGS_daemon/mnpend),--cflags) -MMD -MP \
		-c -o $@ $<

# And with sanitizers, for whoever sends it what he likes.
STANDIN_SAN := $(patsubst $(B)/obj/%,$(B)/san/%,$(filter $(B)/obj/%,$(STANDIN_REST)))
TEST_PROGRAMS += $(B)/san/bin/mnpend-standin
$(B)/san/bin/mnpend-standin: $(B)/san/tests/bench/standin.o \
	$(B)/san/daemon/mnpend/pen.o $(STANDIN_SAN)
$(B)/san/daemon/mnpend/main.o: $(MNPEND_PATHS)
$(B)/san/daemon/mnpend/main.o: CPPFLAGS += -I$(B)/gen

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

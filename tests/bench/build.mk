# SPDX-License-Identifier: GPL-2.0-or-later
# How fast: of the delivered objects, not of those with sanitizers.
TEST_PROGRAMS += $(B)/bin/bench-step
$(B)/bin/bench-step: $(B)/obj/tests/bench/step.o $(SAFETY_OBJS)

# The driver beside libusb on the same pen.
TEST_PROGRAMS += $(B)/bin/bench-node $(B)/bin/bench-usb $(B)/bin/bench-spin

PKGS_tests/bench := libusb-1.0 libevent_core
LIBS_bench-usb := libusb-1.0
LDLIBS_bench-spin := -pthread

$(B)/bin/bench-node: $(B)/obj/tests/bench/node.o $(B)/obj/tests/bench/timing.o
$(B)/bin/bench-usb: $(B)/obj/tests/bench/usb.o $(B)/obj/tests/bench/timing.o \
                    $(B)/obj/kernel/proto.o
$(B)/bin/bench-spin: $(B)/obj/tests/bench/spin.o

# The least that a message to many can cost.
TEST_PROGRAMS += $(B)/bin/bench-bare
LDLIBS_bench-bare := -pthread
$(B)/bin/bench-bare: $(B)/obj/tests/bench/bare.o

include tests/bench/standin.mk

# SPDX-License-Identifier: GPL-2.0-or-later
TEST_PROGRAMS += $(B)/bin/mnpen-emulator $(B)/bin/mnpen-usbip-attach \
                 $(B)/bin/mnpen-capture

PKGS_tests/emulator := jansson
LIBS_mnpen-emulator := jansson
LDLIBS_mnpen-emulator := -pthread

EMULATOR_PARTS := aio capture commands control ffs firmware gadget hostile \
                  hostile_sets journal loop main pcap_read pcap_write pen \
                  physics rawgadget replay requests usbdev usbip vhci

$(B)/bin/mnpen-emulator: $(EMULATOR_PARTS:%=$(B)/obj/tests/emulator/%.o) \
                         $(B)/obj/tests/unit/vectors.o $(B)/obj/kernel/proto.o

$(B)/bin/mnpen-usbip-attach: $(B)/obj/tests/emulator/usbip-attach.o \
                             $(B)/obj/tests/emulator/vhci.o

CAPTURE_PARTS := mnpen-capture pcap_write usbfind usbmon

$(B)/bin/mnpen-capture: $(CAPTURE_PARTS:%=$(B)/obj/tests/emulator/%.o)

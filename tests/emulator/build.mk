# SPDX-License-Identifier: GPL-2.0-or-later
TEST_PROGRAMS += $(B)/bin/mnpen-emulator $(B)/bin/mnpen-usbip-attach \
                 $(B)/bin/mnpen-capture

PKGS_tests/emulator := jansson
LIBS_mnpen-emulator := jansson
LDLIBS_mnpen-emulator := -pthread

EMULATOR_PARTS := aio capture commands control faults faults_table ffs \
                  firmware firmware_check firmware_in firmware_service \
                  gadget hostile hostile_sets journal loop main pcap_read \
                  pcap_write pen physics rawgadget replay requests script \
                  sensors usbdev usbip vhci virtual wire

$(B)/bin/mnpen-emulator: $(EMULATOR_PARTS:%=$(B)/obj/tests/emulator/%.o) \
                         $(B)/obj/tests/unit/vectors.o $(B)/obj/kernel/proto.o

$(B)/bin/mnpen-usbip-attach: $(B)/obj/tests/emulator/usbip-attach.o \
                             $(B)/obj/tests/emulator/vhci.o

CAPTURE_PARTS := mnpen-capture pcap_write usbfind usbmon

$(B)/bin/mnpen-capture: $(CAPTURE_PARTS:%=$(B)/obj/tests/emulator/%.o)

# Debian's kernel has no raw_gadget; its source package does. One module for
# every flavour of build.
RAW_GADGET := build/raw-gadget/raw_gadget.ko
TEST_PROGRAMS += $(RAW_GADGET)

.PHONY: raw-gadget
raw-gadget: $(RAW_GADGET)

$(RAW_GADGET): tests/linux-source
	@mkdir -p $(@D)
	@cp $$(tests/linux-source)/drivers/usb/gadget/legacy/raw_gadget.c $(@D)/
	@echo 'obj-m := raw_gadget.o' > $(@D)/Makefile
	@echo "  KBUILD  $(@D)"
	$(Q)MAKEFLAGS= $(MAKE) -s --no-print-directory M=$(CURDIR)/$(@D) \
		-C $(or $(KDIR),$(shell ls -d /lib/modules/*/build | sort -V | \
		tail -n 1)) modules

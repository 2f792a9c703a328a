# SPDX-License-Identifier: GPL-2.0-or-later
# The module, twice: build/kernel/ as it is installed, build/kernel-test/ with
# the open test ID that the software pen carries.
KMAKE = $(MAKE) --no-print-directory -C kernel V=$(V) $(if $(KDIR),KDIR=$(KDIR))
KVER  = $(shell $(MAKE) --no-print-directory -s -C kernel \
		$(if $(KDIR),KDIR=$(KDIR)) kernelrelease)

.PHONY: module
module:
	@$(KMAKE) TEST_ID=0 OUT=$(abspath $(B))/kernel modules
	@$(KMAKE) TEST_ID=1 OUT=$(abspath $(B))/kernel-test modules

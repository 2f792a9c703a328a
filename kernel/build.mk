# SPDX-License-Identifier: GPL-2.0-or-later
# The module, twice: build/kernel/ as it is installed, build/kernel-test/ with
# the open test ID that the software pen carries.
KERNEL_MAKE = $(MAKE) --no-print-directory -C kernel V=$(V) \
	$(if $(KDIR),KDIR=$(KDIR))

.PHONY: module
module:
	@[ $(words $(CURDIR)) -eq 1 ] || { \
		echo "the kernel's build system takes no path with a space: move this directory" >&2; \
		exit 1; }
	+@$(KERNEL_MAKE) TEST_ID=0 OUT=$(abspath $(B))/kernel modules
	+@$(KERNEL_MAKE) TEST_ID=1 INPUT=1 OUT=$(abspath $(B))/kernel-test modules

INSTALLS += install-module

# Where a vendor's module belongs; depmod only when it is this machine's tree.
.PHONY: install-module
install-module: module
	+@$(KERNEL_MAKE) OUT=$(abspath $(B))/kernel \
		DESTDIR=$(if $(DESTDIR),$(abspath $(DESTDIR))) install

# What "make lint" has for this directory; kernel/lint says what each is.
.PHONY: lint-kernel
lint-kernel:
	@tests/lint kernel

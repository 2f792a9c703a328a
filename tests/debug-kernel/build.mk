# SPDX-License-Identifier: GPL-2.0-or-later
# make debug-kernel [KIND=uml|kasan|kcsan]: builds what is not in the cache.
# make debug-modules: for every kernel in the cache, our module with the open
# test ID (build/kernel-KIND/) and the one with bugs (build/planted-KIND/).
KIND ?= uml

DEBUG_KERNEL := tests/debug-kernel/build
DEBUG_ARGS_uml   := ARCH=um GCOV_PROFILE=y KUNIT=1
DEBUG_ARGS_kasan := KCOV_INSTRUMENT=y

.PHONY: debug-kernel
debug-kernel:
	@nice -n 10 $(DEBUG_KERNEL) $(KIND)

.PHONY: debug-modules
debug-modules:
	@for kind in uml kasan kcsan; do \
		! $(DEBUG_KERNEL) --find $$kind >/dev/null || \
		$(MAKE) --no-print-directory debug-modules-$$kind || exit; \
	done

PLANTED := planted.c Kbuild

# What was built for another kernel of that kind goes: kbuild would not notice.
.PHONY: debug-modules-uml debug-modules-kasan debug-modules-kcsan
debug-modules-uml debug-modules-kasan debug-modules-kcsan: \
debug-modules-%:
	@kernel=$$($(DEBUG_KERNEL) --find $*) || { \
		echo "no $* kernel yet: make debug-kernel KIND=$*" >&2; exit 1; }; \
	kernel=$$(realpath $$kernel); \
	[ "$$(readlink $(B)/planted-$*/kernel)" = "$$kernel" ] || \
		rm -rf $(B)/planted-$* $(B)/kernel-$*; \
	mkdir -p $(B)/planted-$* && \
	ln -sfn $$kernel $(B)/planted-$*/kernel && \
	ln -sfn $(addprefix $(CURDIR)/tests/debug-kernel/planted/,$(PLANTED)) \
		$(B)/planted-$*/ && \
	$(KERNEL_MAKE) KDIR=$$kernel/build TEST_ID=1 INPUT=1 \
		OUT=$(abspath $(B))/kernel-$* \
		KBUILD_ARGS='$(DEBUG_ARGS_$*)' modules && \
	$(MAKE) --no-print-directory -C $$kernel/build V=$(V) \
		$(filter ARCH=%,$(DEBUG_ARGS_$*)) \
		M=$(abspath $(B))/planted-$* modules

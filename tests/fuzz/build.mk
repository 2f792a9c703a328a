# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzzers need clang and are not part of "make check". Each subject brings its
# own fragment beside its fuzzer.
FUZZ_CC ?= clang
FUZZ_SAN := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all

$(B)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC(fuzz) $<"
	$(Q)$(FUZZ_CC) $(CSTD) $(CPPFLAGS) $(WARN) -O1 -g $(FUZZ_SAN) \
		$(call pkg,$(call dirpkgs,$<),--cflags) -MMD -MP -c -o $@ $<

$(B)/fuzz/bin/%:
	@mkdir -p $(@D)
	@echo "  LINK(fuzz) $@"
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $@ \
		$(filter %.o,$^) $(call pkg,$(LIBS_$*),--libs) $(LDLIBS_$*)

include $(sort $(filter-out tests/fuzz/build.mk,$(wildcard tests/fuzz/*.mk)))

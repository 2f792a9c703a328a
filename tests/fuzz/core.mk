# SPDX-License-Identifier: GPL-2.0-or-later
# make fuzz-safety fuzz-udi fuzz-catalogue fuzz-samples FUZZ_SECONDS=60; what they find is
# kept in build/fuzz/corpus. The seeds are replayed in "make check".
FUZZ_CORE := safety udi catalogue samples
LIBS_fuzz_catalogue := inih
LIBS_fuzz_samples := jansson
FUZZ_OBJS_safety := $(SAFETY_SRCS:.c=.o) \
                    $(patsubst %.c,%.o,$(wildcard tests/model/oracle*.c))
FUZZ_OBJS_udi := daemon/catalogue/udi.o
FUZZ_OBJS_catalogue := $(CATALOGUE_SRCS:.c=.o) $(CATALOGUE_LOAD_SRCS:.c=.o)

FUZZ_OBJS_samples := $(addprefix daemon/mnpenctl/,samples.o js.o samples_csv.o \
                     trigger.o)

define fuzz_core
$(B)/fuzz/entry_$(1).o: tests/fuzz/entry.c
	@mkdir -p $$(@D)
	@echo "  CC(fuzz) $$< for $(1)"
	$$(Q)$$(FUZZ_CC) $$(CSTD) $$(CPPFLAGS) $$(WARN) -O1 -g $$(FUZZ_SAN) \
		-DFUZZ_SUBJECT=fuzz_$(1) -MMD -MP -c -o $$@ $$<

$(B)/fuzz/bin/fuzz_$(1): $(B)/fuzz/entry_$(1).o \
	$$(addprefix $(B)/fuzz/,tests/fuzz/fuzz_$(1).o $$(FUZZ_OBJS_$(1)))

fuzz-programs: $(B)/fuzz/bin/fuzz_$(1)
.PHONY: fuzz-$(1)
fuzz-$(1): $(B)/fuzz/bin/fuzz_$(1)
	@tests/fuzz/run $$(FUZZ_SECONDS) $(1)
endef

.PHONY: fuzz-programs
fuzz-programs:
$(foreach f,$(FUZZ_CORE),$(eval $(call fuzz_core,$(f))))

# Without libFuzzer, under the compiler of everything else.
TEST_PROGRAMS += $(B)/san/bin/fuzz_replay
LIBS_fuzz_replay := inih jansson
$(B)/san/bin/fuzz_replay: $(addprefix $(B)/san/tests/fuzz/,replay.o \
	fuzz_safety.o fuzz_udi.o fuzz_catalogue.o fuzz_samples.o) \
	$(addprefix $(B)/san/,$(FUZZ_OBJS_safety) $(FUZZ_OBJS_udi) \
	$(FUZZ_OBJS_catalogue) $(FUZZ_OBJS_samples))

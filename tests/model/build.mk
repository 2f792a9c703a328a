# SPDX-License-Identifier: GPL-2.0-or-later
# The proof ladder of the safety core: what tests/model/prove runs.
MODEL   := $(B)/model
MODEL_ORACLE := $(patsubst %.c,%.o,$(wildcard tests/model/oracle*.c))
MODEL_ROOM := tests/model/room.o $(MODEL_ORACLE)
MODEL_walk := $(patsubst %.c,%.o,$(wildcard tests/model/walk*.c)) $(MODEL_ROOM)
MODEL_explore := $(patsubst %.c,%.o,$(wildcard tests/model/explore*.c)) \
                 $(MODEL_ORACLE)
MODEL_table := tests/model/table.o tests/model/world.o
MODEL_edges := tests/model/edges.o tests/model/world.o

# One set of objects per flavour: NAME, compiler, options.
define model_flavour
$(MODEL)/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	@echo "  CC($(1)) $$<"
	$$(Q)$(2) $$(CSTD) $$(CPPFLAGS) $$(WARN) -g $(3) -MMD -MP -c -o $$@ $$<

$(MODEL)/$(1)/bin/%:
	@mkdir -p $$(@D)
	@echo "  LINK($(1)) $$@"
	$$(Q)$(2) $(3) -o $$@ $$(filter %.o,$$^) $$(LIBS_model_$$*)

MODEL_PROGRAMS += $(MODEL)/$(1)/bin/walk
$(MODEL)/$(1)/bin/walk: $$(addprefix $(MODEL)/$(1)/,$$(MODEL_walk) \
	$$(SAFETY_SRCS:.c=.o))
endef

MODEL_PROGRAMS :=
$(eval $(call model_flavour,gcc-O0,gcc,-O0))
$(eval $(call model_flavour,gcc-O2,gcc,-O2))
$(eval $(call model_flavour,gcc-O2-32,gcc,-O2 -m32))
$(eval $(call model_flavour,clang-O0,clang,-O0))
$(eval $(call model_flavour,clang-O2,clang,-O2))

MODEL_PROGRAMS += $(addprefix $(MODEL)/gcc-O2/bin/,explore table edges)
$(MODEL)/gcc-O2/bin/explore: $(addprefix $(MODEL)/gcc-O2/,$(MODEL_explore) \
	$(SAFETY_SRCS:.c=.o))
$(MODEL)/gcc-O2/bin/table: $(addprefix $(MODEL)/gcc-O2/,$(MODEL_table) \
	$(SAFETY_SRCS:.c=.o))
$(MODEL)/gcc-O2/bin/edges: $(addprefix $(MODEL)/gcc-O2/,$(MODEL_edges) \
	$(SAFETY_SRCS:.c=.o))

# The judges of mutants and of coverage: all tests of the core against a
# libsafety.so that they find by LD_LIBRARY_PATH.
MODEL_LIB := $(MODEL)/gcc-O2-lib/libsafety.so
$(eval $(call model_flavour,judge,gcc,-O1))
MODEL_PROGRAMS := $(filter-out $(MODEL)/judge/bin/walk,$(MODEL_PROGRAMS))

$(MODEL_LIB): $(SAFETY_SRCS) $(wildcard daemon/safety/*.h)
	@mkdir -p $(@D)
	@echo "  LINK(lib) $@"
	$(Q)gcc $(CSTD) $(CPPFLAGS) -O2 -fPIC -shared -o $@ $(SAFETY_SRCS)

# NAME, objects
define model_judge
MODEL_PROGRAMS += $(MODEL)/judges/$(1)
$(MODEL)/judges/$(1): $$(addprefix $(MODEL)/judge/,$(2)) $(MODEL_LIB)
	@mkdir -p $$(@D)
	@echo "  LINK(judge) $$@"
	$$(Q)gcc -o $$@ $$(filter %.o,$$^) -L$$(dir $$(MODEL_LIB)) -lsafety \
		-lcmocka
endef
$(eval $(call model_judge,table,$(MODEL_table)))
$(eval $(call model_judge,edges,$(MODEL_edges)))
$(eval $(call model_judge,walk,$(MODEL_walk)))
$(eval $(call model_judge,explore,$(MODEL_explore)))
MODEL_UNIT_HELP := $(patsubst %.c,%.o,$(wildcard tests/unit/safety_*.c))
$(foreach t,$(SAFETY_TESTS),$(eval $(call model_judge,test_$(t),\
	tests/unit/test_$(t).o $(MODEL_UNIT_HELP))))

TEST_PROGRAMS += $(MODEL_PROGRAMS)
.PHONY: model-programs
model-programs: $(MODEL_PROGRAMS)

# All rungs at full length, with their figures; RUNGS='table walk' only those.
.PHONY: prove
prove: deps
	$(Q)$(MAKE) --no-print-directory model-programs fuzz-programs \
		$(B)/san/bin/fuzz_replay
	@tests/model/prove $(RUNGS)

# SPDX-License-Identifier: GPL-2.0-or-later
# How fast: of the delivered objects, not of those with sanitizers.
TEST_PROGRAMS += $(B)/bin/bench-step
$(B)/bin/bench-step: $(B)/obj/tests/bench/step.o $(SAFETY_OBJS)

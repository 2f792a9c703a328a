# SPDX-License-Identifier: GPL-2.0-or-later
# The safety core, each program with the same room and oracle around it.
SAFETY_TESTS := safety safety_requests safety_begin safety_limits safety_time \
                safety_pen safety_dose safety_set safety_alarms safety_walk
SAFETY_ROOM := $(B)/san/tests/unit/safety_world.o $(SAFETY_SAN_OBJS)

define safety_test
UNIT_TESTS += $(B)/san/bin/test_$(1)
LIBS_test_$(1) := cmocka
$(B)/san/bin/test_$(1): $(B)/san/tests/unit/test_$(1).o $(SAFETY_ROOM)
endef
$(foreach t,$(SAFETY_TESTS),$(eval $(call safety_test,$(t))))

# Proves that the delivered objects are pure; the stamp is its product.
UNIT_TESTS += $(B)/san/bin/test_safety_pure
$(B)/san/bin/test_safety_pure: tests/unit/check-pure $(SAFETY_OBJS)
	@mkdir -p $(@D)
	@{ echo '#!/bin/sh'; \
	   echo 'exec tests/unit/check-pure $(SAFETY_OBJS)'; } > $@
	@chmod +x $@

# SPDX-License-Identifier: GPL-2.0-or-later
FIRMWARE_TESTS := test_firmware test_firmware_limits test_firmware_packets
# The firmware and its world: no I/O, no clock.
FIRMWARE_PARTS := firmware firmware_check firmware_in firmware_service physics \
                  requests sensors

UNIT_TESTS += $(FIRMWARE_TESTS:%=$(B)/san/bin/%)
$(foreach t,$(FIRMWARE_TESTS),$(eval LIBS_$t := cmocka))

$(FIRMWARE_TESTS:%=$(B)/san/bin/%): $(B)/san/bin/%: \
	$(B)/san/tests/unit/%.o $(B)/san/tests/unit/firmware_bench.o \
	$(FIRMWARE_PARTS:%=$(B)/san/tests/emulator/%.o) $(B)/san/kernel/proto.o

# SPDX-License-Identifier: GPL-2.0-or-later
FIRMWARE_TESTS := test_firmware test_firmware_limits test_firmware_packets
UNIT_TESTS += $(FIRMWARE_TESTS:%=$(B)/san/bin/%)
$(foreach t,$(FIRMWARE_TESTS),$(eval LIBS_$t := cmocka))

$(FIRMWARE_TESTS:%=$(B)/san/bin/%): $(B)/san/bin/%: \
	$(B)/san/tests/unit/%.o $(B)/san/tests/unit/firmware_bench.o \
	$(B)/san/tests/emulator/firmware.o $(B)/san/tests/emulator/requests.o \
	$(B)/san/tests/emulator/physics.o $(B)/san/kernel/proto.o

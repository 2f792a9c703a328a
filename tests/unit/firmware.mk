# SPDX-License-Identifier: GPL-2.0-or-later
FIRMWARE_TESTS := test_firmware test_firmware_limits test_firmware_packets \
                  test_firmware_service
# The firmware and its world: no I/O, no clock.
FIRMWARE_PARTS := firmware firmware_check firmware_in firmware_service physics \
                  requests sensors

UNIT_TESTS += $(FIRMWARE_TESTS:%=$(B)/san/bin/%)
$(foreach t,$(FIRMWARE_TESTS),$(eval LIBS_$t := cmocka))

$(FIRMWARE_TESTS:%=$(B)/san/bin/%): $(B)/san/bin/%: \
	$(B)/san/tests/unit/%.o $(B)/san/tests/unit/firmware_bench.o \
	$(FIRMWARE_PARTS:%=$(B)/san/tests/emulator/%.o) $(B)/san/kernel/proto.o

UNIT_TESTS += $(B)/san/bin/test_physics $(B)/san/bin/test_wire
LIBS_test_physics := cmocka
LIBS_test_wire := cmocka

$(B)/san/bin/test_physics: $(B)/san/tests/unit/test_physics.o \
	$(B)/san/tests/emulator/physics.o $(B)/san/tests/emulator/sensors.o

$(B)/san/bin/test_wire: $(B)/san/tests/unit/test_wire.o \
	$(B)/san/tests/emulator/wire.o $(B)/san/kernel/proto.o

# emulator-test runs this one.
UNIT_TESTS += $(B)/san/bin/mnpen-emulator
LIBS_mnpen-emulator := jansson

$(B)/san/bin/mnpen-emulator: $(EMULATOR_PARTS:%=$(B)/san/tests/emulator/%.o) \
	$(B)/san/tests/unit/vectors.o $(B)/san/kernel/proto.o

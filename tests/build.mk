# SPDX-License-Identifier: GPL-2.0-or-later
# Each test directory brings its own part.
-include tests/emulator/build.mk
-include tests/wireshark/build.mk
-include tests/unit/build.mk
-include tests/fuzz/build.mk
-include tests/bench/build.mk
-include tests/strangers/build.mk
-include tests/model/build.mk
-include tests/vm/build.mk
-include tests/debug-kernel/build.mk
-include tests/selftests/build.mk
-include tests/system/build.mk
-include tests/soak/build.mk

.PHONY: test-programs
test-programs: $(UNIT_TESTS) $(TEST_PROGRAMS)

.PHONY: lint
lint:
	@tests/lint

# SPDX-License-Identifier: GPL-2.0-or-later
# The driver's pure parts, in user space.
UNIT_TESTS += $(B)/san/bin/test_kernel_state $(B)/san/bin/test_kernel_math
LIBS_test_kernel_state := cmocka
LIBS_test_kernel_math := cmocka

$(B)/san/bin/test_kernel_state: $(B)/san/tests/unit/test_kernel_state.o \
	$(B)/san/kernel/state.o $(B)/san/daemon/mnpenctl/names.o
$(B)/san/bin/test_kernel_math: $(B)/san/tests/unit/test_kernel_math.o \
	$(B)/san/kernel/limits.o

# SPDX-License-Identifier: GPL-2.0-or-later
UNIT_TESTS += $(B)/san/bin/test_proto
LIBS_test_proto := cmocka

$(B)/san/bin/test_proto: $(B)/san/tests/unit/test_proto.o \
	$(B)/san/tests/unit/vectors.o $(B)/san/kernel/proto.o

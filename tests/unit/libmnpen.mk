# SPDX-License-Identifier: GPL-2.0-or-later
LIBMNPEN_TESTS := test_libmnpen test_libmnpen_session test_libmnpen_monitor \
		  test_libmnpen_process
PKGS_tests/unit += jansson

UNIT_TESTS += $(addprefix $(B)/san/bin/,$(LIBMNPEN_TESTS))
$(foreach t,$(LIBMNPEN_TESTS),$(eval LIBS_$(t) := cmocka jansson))
$(addprefix $(B)/san/bin/,$(LIBMNPEN_TESTS)): $(B)/san/bin/%: \
	$(B)/san/tests/unit/%.o $(B)/san/tests/unit/libmnpen_peer.o \
	$(LIBMNPEN_SAN_OBJS)

# mnpenctl-test runs these, with sanitizers, against fake-mnpend.
TEST_PROGRAMS += $(B)/san/bin/mnpenctl $(B)/san/bin/libmnpen-example
LIBS_libmnpen-example := jansson
$(B)/san/bin/libmnpen-example: $(B)/san/daemon/libmnpen/example.o \
	$(LIBMNPEN_SAN_OBJS)

# SPDX-License-Identifier: GPL-2.0-or-later
VARLINK_TESTS := test_varlink_parts test_varlink_calls test_varlink_ends \
                 test_varlink_slow test_varlink_listen
PKGS_tests/unit += libevent_core jansson

UNIT_TESTS += $(addprefix $(B)/san/bin/,$(VARLINK_TESTS))
$(foreach t,$(VARLINK_TESTS),$(eval LIBS_$(t) := cmocka jansson libevent_core))
$(addprefix $(B)/san/bin/,$(VARLINK_TESTS)): $(B)/san/bin/%: \
	$(B)/san/tests/unit/%.o $(B)/san/tests/unit/varlink_world.o \
	$(addprefix $(B)/san/,$(VARLINK_OBJS))

# These have no timers, move the clock, name their peers, run out of descriptors.
LDLIBS_test_varlink_parts := -Wl,--wrap=timerfd_create
LDLIBS_test_varlink_calls := -Wl,--wrap=server_now_us
LDLIBS_test_varlink_ends := -Wl,--wrap=server_now_us
LDLIBS_test_varlink_listen := -Wl,--wrap=getsockopt \
                              -Wl,--wrap=accept4,--wrap=chmod

UNIT_TESTS += $(B)/san/bin/test_varlink_random
LIBS_test_varlink_random := cmocka jansson libevent_core
$(B)/san/bin/test_varlink_random: $(B)/san/tests/unit/test_varlink_random.o \
	$(B)/san/tests/unit/random_rounds.o \
	$(B)/san/tests/fuzz/fuzz_varlink.o $(addprefix $(B)/san/,$(VARLINK_OBJS))

UNIT_TESTS += $(B)/san/bin/test_reply_random
LIBS_test_reply_random := cmocka jansson
$(B)/san/bin/test_reply_random: $(B)/san/tests/unit/test_reply_random.o \
	$(B)/san/tests/unit/random_rounds.o \
	$(B)/san/tests/fuzz/fuzz_reply.o $(LIBMNPEN_SAN_OBJS)

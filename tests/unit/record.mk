# SPDX-License-Identifier: GPL-2.0-or-later
PKGS_tests/unit += sqlite3 jansson

RECORD_SAN_OBJS := $(addprefix $(B)/san/,$(RECORD_OBJS))
RECORD_TESTS := test_record test_record_chain test_record_damage \
	test_record_faults test_record_kill test_record_migrate \
	test_record_past test_record_import

UNIT_TESTS += $(addprefix $(B)/san/bin/,$(RECORD_TESTS))
$(foreach t,$(RECORD_TESTS), \
	$(eval LIBS_$(t) := cmocka sqlite3 jansson libsodium zlib))

$(addprefix $(B)/san/bin/,$(RECORD_TESTS)): $(B)/san/bin/%: \
	$(B)/san/tests/unit/%.o $(B)/san/tests/unit/recordtest.o \
	$(B)/san/daemon/record/readonly.o $(RECORD_SAN_OBJS)
$(B)/san/bin/test_record_faults $(B)/san/bin/test_record_migrate: \
	$(B)/san/tests/unit/faultvfs.o

# The tests run the program that lies beside them.
$(B)/san/bin/test_record_damage: | $(B)/san/bin/mnpen-verify
$(B)/san/bin/mnpen-verify: $(addprefix $(B)/san/,$(RECORD_VERIFY_OBJS) \
	daemon/record/readonly.o daemon/record/mnpen-verify.o)

# As the daemon is built: these run a while, and the sanitizers would have them
# try a tenth of it.
RECORD_LONG := record-cuts record-tamper record-kills record-errors record-mallocs record-bench
RECORD_LONG_OBJS := $(addprefix $(B)/obj/,$(RECORD_OBJS))
TEST_PROGRAMS += $(addprefix $(B)/tests/,$(RECORD_LONG))
$(addprefix $(B)/tests/,$(RECORD_LONG)): $(RECORD_LONG_OBJS)
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(Q)$(CC) -pie $(LDFLAGS) -o $@ $(filter %.o,$^) -pthread \
		$(call pkg,sqlite3 jansson libsodium zlib,--libs)
$(B)/tests/record-cuts: $(addprefix $(B)/obj/tests/unit/,record_cuts.o \
	memdisk.o)
$(B)/tests/record-tamper: $(addprefix $(B)/obj/tests/unit/,record_tamper.o \
	memdisk.o)
$(addprefix $(B)/tests/,record-kills record-errors record-mallocs): \
	$(addprefix $(B)/obj/,tests/unit/record_scenario.o \
	daemon/record/readonly.o)
$(B)/tests/record-kills: $(addprefix $(B)/obj/tests/unit/,record_kills.o \
	steps.o)
$(B)/tests/record-errors: $(addprefix $(B)/obj/tests/unit/,record_errors.o \
	steps.o)
$(B)/tests/record-mallocs: $(B)/obj/tests/unit/record_mallocs.o
$(B)/tests/record-bench: $(B)/obj/tests/bench/record_bench.o

UNIT_TESTS += $(B)/san/bin/test_record_export
LIBS_test_record_export := cmocka jansson libsodium
$(B)/san/bin/test_record_export: $(addprefix $(B)/san/, \
	tests/unit/test_record_export.o daemon/record/export_csv.o \
	daemon/record/export_fhir.o daemon/record/export_time.o)

# SPDX-License-Identifier: GPL-2.0-or-later
UNIT_TESTS += $(B)/san/bin/test_catalogue
LIBS_test_catalogue := cmocka
$(B)/san/bin/test_catalogue: $(B)/san/tests/unit/test_catalogue.o \
                             $(CATALOGUE_SAN_OBJS)

UNIT_TESTS += $(B)/san/bin/test_udi
LIBS_test_udi := cmocka
$(B)/san/bin/test_udi: $(B)/san/tests/unit/test_udi.o $(UDI_SAN_OBJS)

UNIT_TESTS += $(B)/san/bin/test_catalogue_files
LIBS_test_catalogue_files := cmocka inih
$(B)/san/bin/test_catalogue_files: $(B)/san/tests/unit/test_catalogue_files.o \
	$(CATALOGUE_SAN_OBJS) $(CATALOGUE_LOAD_SAN_OBJS)

CATALOGUE_TESTS := test_plan test_care
UNIT_TESTS += $(addprefix $(B)/san/bin/,$(CATALOGUE_TESTS))
$(foreach t,$(CATALOGUE_TESTS),$(eval LIBS_$(t) := cmocka))
$(addprefix $(B)/san/bin/,$(CATALOGUE_TESTS)): $(B)/san/bin/%: \
	$(B)/san/tests/unit/%.o $(CATALOGUE_SAN_OBJS)

UNIT_TESTS += $(B)/san/bin/test_recall
LIBS_test_recall := cmocka
$(B)/san/bin/test_recall: $(B)/san/tests/unit/test_recall.o $(UDI_SAN_OBJS)

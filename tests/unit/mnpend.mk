# SPDX-License-Identifier: GPL-2.0-or-later
# Parts of the daemon that need no pen; the rest is tested in the guest.
$(B)/san/daemon/mnpend/clinic.o: $(MNPEND_PATHS)
$(B)/san/daemon/mnpend/clinic.o: CPPFLAGS += -I$(B)/gen

UNIT_TESTS += $(B)/san/bin/test_clinic
LIBS_test_clinic := cmocka jansson inih
$(B)/san/bin/test_clinic: $(B)/san/tests/unit/test_clinic.o \
	$(addprefix $(B)/san/daemon/mnpend/,clinic.o why.o log.o) \
	$(CATALOGUE_SAN_OBJS) $(CATALOGUE_LOAD_SAN_OBJS) $(UDI_SAN_OBJS) \
	$(SAFETY_SAN_OBJS)

UNIT_TESTS += $(B)/san/bin/test_summary
LIBS_test_summary := cmocka jansson
$(B)/san/bin/test_summary: $(B)/san/tests/unit/test_summary.o \
	$(B)/san/daemon/mnpend/summary.o $(B)/san/daemon/record/kind.o

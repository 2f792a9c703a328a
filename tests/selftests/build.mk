# SPDX-License-Identifier: GPL-2.0-or-later
# kselftest's harness is taken out of linux-source. Its lib.mk wants to be one
# directory above the tests, so both are linked to where it can be so.
SELFTESTS := $(abspath $(B))/selftests

TEST_PROGRAMS += selftests

.PHONY: selftests
selftests:
	@mkdir -p $(SELFTESTS)/mnpen
	@ln -sfn $$(tests/linux-source)/tools/testing/selftests/* $(SELFTESTS)/
	@ln -sfn $(addprefix $(CURDIR)/tests/selftests/,*.[ch] Makefile settings) \
		$(SELFTESTS)/mnpen/
	@$(MAKE) -s --no-print-directory -C $(SELFTESTS)/mnpen \
		OUTPUT=$(SELFTESTS)/mnpen CC=$(CC) \
		UAPI=$(CURDIR)/kernel/include/uapi USERCFLAGS='$(if $(CI),-Werror)'
	@$(MAKE) -s --no-print-directory -C $(SELFTESTS)/mnpen \
		OUTPUT=$(SELFTESTS)/mnpen COLLECTION=mnpen emit_tests \
		> $(SELFTESTS)/kselftest-list.txt

# SPDX-License-Identifier: GPL-2.0-or-later
# Acts as whoever took over the daemon.
ifeq ($(shell uname -m),x86_64)
TEST_PROGRAMS += $(B)/bin/inject
endif
$(B)/bin/inject: $(B)/obj/tests/system/inject.o

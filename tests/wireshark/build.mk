# SPDX-License-Identifier: GPL-2.0-or-later
TEST_PROGRAMS += $(B)/bin/golden

$(B)/bin/golden: $(B)/obj/tests/wireshark/golden.o \
                 $(B)/obj/tests/emulator/pcap_write.o $(B)/obj/kernel/proto.o

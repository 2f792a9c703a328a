# SPDX-License-Identifier: GPL-2.0-or-later
PCAP_TESTS := test_pcap test_capture test_replay
UNIT_TESTS += $(PCAP_TESTS:%=$(B)/san/bin/%)
$(foreach t,$(PCAP_TESTS),$(eval LIBS_$t := cmocka))

$(PCAP_TESTS:%=$(B)/san/bin/%): $(B)/san/bin/%: $(B)/san/tests/unit/%.o \
	$(B)/san/tests/unit/pcap_bench.o $(B)/san/kernel/proto.o \
	$(B)/san/tests/emulator/pcap_read.o \
	$(B)/san/tests/emulator/pcap_write.o

$(B)/san/bin/test_capture: $(B)/san/tests/emulator/capture.o \
	$(B)/san/tests/emulator/usbdev.o
$(B)/san/bin/test_replay: $(B)/san/tests/emulator/replay.o

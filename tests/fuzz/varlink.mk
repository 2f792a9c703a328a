# SPDX-License-Identifier: GPL-2.0-or-later
# make fuzz-varlink FUZZ_SECONDS=60
FUZZ_SECONDS ?= 60
PKGS_tests/fuzz += libevent_core jansson
LIBS_fuzz_varlink := libevent_core jansson

$(B)/fuzz/bin/fuzz_varlink: $(B)/fuzz/tests/fuzz/fuzz_varlink.o \
	$(addprefix $(B)/fuzz/,$(VARLINK_OBJS))

# The server lives on: a look for leaks after each run would take all the time.
.PHONY: fuzz-varlink
fuzz-varlink: $(B)/fuzz/bin/fuzz_varlink
	@mkdir -p $(B)/fuzz/corpus/varlink
	$(B)/fuzz/bin/fuzz_varlink -detect_leaks=0 -max_len=8192 -timeout=10 \
		-max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 \
		-dict=tests/fuzz/varlink.dict $(B)/fuzz/corpus/varlink

# The other role: a daemon that lies to the client library.
LIBS_fuzz_reply := jansson
$(B)/fuzz/bin/fuzz_reply: $(B)/fuzz/tests/fuzz/fuzz_reply.o \
	$(LIBMNPEN_SRCS:%.c=$(B)/fuzz/%.o)

.PHONY: fuzz-reply
fuzz-reply: $(B)/fuzz/bin/fuzz_reply
	@mkdir -p $(B)/fuzz/corpus/reply
	$(B)/fuzz/bin/fuzz_reply -max_len=8192 -timeout=10 \
		-max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 \
		-dict=tests/fuzz/varlink.dict $(B)/fuzz/corpus/reply

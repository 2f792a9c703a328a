# SPDX-License-Identifier: GPL-2.0-or-later
# Certification of server and client library, both with sanitizers, and a client
# made of Debian's Go library and what its generator makes of the interface.
PKGS_tests/strangers := libevent_core jansson
STRANGERS := $(addprefix $(B)/san/bin/,certification-server certification-client)
TEST_PROGRAMS += $(STRANGERS) $(B)/bin/follow-go
LIBS_certification-server := libevent_core jansson
LIBS_certification-client := jansson

$(B)/san/bin/certification-server: $(B)/san/tests/strangers/server.o \
	$(B)/san/reals/daemon/varlink/message.o \
	$(addprefix $(B)/san/,$(filter-out %/message.o,$(VARLINK_OBJS)))
$(B)/san/bin/certification-client: $(B)/san/tests/strangers/client.o \
	$(B)/san/reals/daemon/libmnpen/message.o \
	$(filter-out %/message.o,$(LIBMNPEN_SAN_OBJS))

$(B)/san/reals/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC(san) $< (reals)"
	$(Q)$(CC) $(CSTD) $(CPPFLAGS) -DMESSAGE_REALS=true $(WARN) -O1 -g $(SAN) \
		$(call pkg,$(call dirpkgs,$<),--cflags) -MMD -MP -c -o $@ $<

# Its parser knows no capitals in the name of an interface, which the grammar of
# Varlink allows: it gets the file with a small one, and the bindings the real.
GO_SRC := $(B)/go/src/iomnpenpen
$(GO_SRC)/iomnpenpen.go: daemon/varlink/io.mnpen.Pen.varlink
	@mkdir -p $(@D)
	@echo "  GO(gen) $@"
	$(Q)sed 's/^interface io\.mnpen\.Pen$$/interface io.mnpen.pen/' $< \
		> $(GO_SRC)/io.mnpen.pen.varlink
	$(Q)cd $(GO_SRC) && varlink-go-interface-generator io.mnpen.pen.varlink
	$(Q)sed -i 's/"io\.mnpen\.pen/"io.mnpen.Pen/g' $@
	$(Q)touch $@

$(B)/bin/follow-go: tests/strangers/follow.go $(GO_SRC)/iomnpenpen.go
	@mkdir -p $(@D)
	@echo "  GO      $@"
	$(Q)GOPATH=$(CURDIR)/$(B)/go:/usr/share/gocode GO111MODULE=off GOFLAGS= \
		GOCACHE=$(CURDIR)/$(B)/go/cache CGO_ENABLED=0 \
		go build -o $@ ./tests/strangers/follow.go

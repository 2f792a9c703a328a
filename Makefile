# SPDX-License-Identifier: GPL-2.0-or-later
#
# make help says what there is. Objects go to build/ and nowhere else.
# Each directory brings a build.mk that adds its own lines to the lists below.

B       := build
V       ?= 0
Q       := $(if $(filter 1,$(V)),,@)

PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
DESTDIR ?=
VERSION := 0.1

CC      ?= gcc
PKG_CONFIG ?= pkg-config
SAN     ?= -fsanitize=address,undefined -fno-sanitize-recover=all
HARDEN  := -O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wno-missing-field-initializers
ifneq ($(CI),)
WARN    += -Werror
endif
CPPFLAGS += -I. -Ikernel/include/uapi -D_GNU_SOURCE \
            -DMNPEN_VERSION='"$(VERSION)"'
CFLAGS  ?= -g
CSTD    := -std=gnu11

# Filled by the build.mk files.
PROGRAMS   :=   # built and linked under $(B)/bin
LIBRARIES  :=   # shared libraries under $(B)/lib
UNIT_TESTS :=   # programs under $(B)/san/tests, built with sanitizers
INSTALLS   :=   # names of install-* targets

.PHONY: all
all: programs module

include kernel/build.mk
include daemon/safety/build.mk
include daemon/catalogue/build.mk
include daemon/record/build.mk
include daemon/varlink/build.mk
include daemon/mnpend/build.mk
include daemon/libmnpen/build.mk
include daemon/mnpenctl/build.mk
include daemon/mnpentop/build.mk
include daemon/po/build.mk
include udev/build.mk
include systemd/build.mk
include tests/build.mk

.PHONY: programs
programs: $(PROGRAMS) $(LIBRARIES)

# One rule per flavour. $(PKGS_<dir>) names the pkg-config packages of a
# directory; compile and link lines take what the directory asks for.
pkg = $(if $(1),$(shell $(PKG_CONFIG) $(2) $(1)))
dirpkgs = $(PKGS_$(patsubst %/,%,$(dir $(1))))

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC      $<"
	$(Q)$(CC) $(CSTD) $(CPPFLAGS) $(WARN) $(HARDEN) $(CFLAGS) \
		$(call pkg,$(call dirpkgs,$<),--cflags) -MMD -MP -c -o $@ $<

$(B)/pic/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC(pic) $<"
	$(Q)$(CC) $(CSTD) $(CPPFLAGS) $(WARN) $(HARDEN) -fPIC -fvisibility=hidden \
		$(CFLAGS) $(call pkg,$(call dirpkgs,$<),--cflags) -MMD -MP -c -o $@ $<

$(B)/san/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC(san) $<"
	$(Q)$(CC) $(CSTD) $(CPPFLAGS) $(WARN) -O1 -g $(SAN) -fno-omit-frame-pointer \
		$(call pkg,$(call dirpkgs,$<),--cflags) -MMD -MP -c -o $@ $<

# A program lists its objects as prerequisites and its packages in LIBS_<name>.
$(B)/bin/%:
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	$(Q)$(CC) -pie -Wl,-z,relro,-z,now $(LDFLAGS) -o $@ $(filter %.o %.a,$^) \
		$(call pkg,$(LIBS_$*),--libs) $(LDLIBS_$*)

$(B)/san/bin/%:
	@mkdir -p $(@D)
	@echo "  LINK(san) $@"
	$(Q)$(CC) $(SAN) -o $@ $(filter %.o %.a,$^) \
		$(call pkg,$(LIBS_$*),--libs) $(LDLIBS_$*)

# Below root and packages are machines of their own, with files of such names.
-include $(shell find $(B) -path $(B)/root -prune -o -path $(B)/packages -prune \
	-o -path $(B)/arm64 -prune \
	-o -type f -name '*.d' -print 2>/dev/null)

.PHONY: deps
deps:
	@tests/deps

# Where somebody waits for a result, all CPUs build.
PARALLEL = $(MAKE) --no-print-directory -j$(shell nproc)

.PHONY: demo
demo: deps
	$(Q)$(PARALLEL) all test-programs
	$(Q)$(MAKE) --no-print-directory stage
	@tests/system/demo

.PHONY: check
check: deps
	$(Q)$(MAKE) --no-print-directory debug-kernel KIND=uml
	$(Q)$(PARALLEL) all test-programs
	$(Q)$(MAKE) --no-print-directory debug-modules-uml stage
	@tests/check

# The same driver under every debug kernel: up to 40 minutes, 20 of them once.
.PHONY: check-debug
check-debug: deps
	$(Q)$(MAKE) --no-print-directory debug-kernel KIND='uml kasan kcsan'
	$(Q)$(PARALLEL) all test-programs
	$(Q)$(MAKE) --no-print-directory debug-modules
	@tests/check debug

# What takes hours: storms, coverage, every semantic patch.
.PHONY: check-long
check-long: deps
	$(Q)$(MAKE) --no-print-directory debug-kernel KIND='uml kasan'
	$(Q)$(PARALLEL) all test-programs
	$(Q)$(MAKE) --no-print-directory debug-modules
	@tests/check long

# The packages, built, installed and removed on a fresh Debian: ten minutes.
.PHONY: check-packages
check-packages: deb
	@tests/deps packages
	@tests/check packages

.PHONY: install
install: all $(INSTALLS)

# All but the module: a package builds that where it is installed.
.PHONY: install-programs
install-programs: programs $(filter-out install-module,$(INSTALLS))

# What "make install" with the same variables puts there, and nothing else: the
# record and the clinic's own files stay.
.PHONY: uninstall
uninstall:
	$(Q)rm -rf $(B)/uninstall
	$(Q)$(MAKE) --no-print-directory DESTDIR=$(abspath $(B))/uninstall \
		install > /dev/null
	$(Q)cd $(B)/uninstall && find . ! -type d -printf '$(DESTDIR)/%P\0' | \
		xargs -0 rm -f
	$(Q)cd $(B)/uninstall && find . -depth -type d -path '*/mnpen*' \
		-printf '$(DESTDIR)/%P\0' | \
		xargs -0 -r rmdir --ignore-fail-on-non-empty
	$(Q)rm -rf $(B)/uninstall

# Debian packages into build/deb.
.PHONY: deb
deb:
	@tests/deps deb
	@debian/build-packages

# What the guest installs: all but the module, which the test bed brings.
.PHONY: stage
stage: programs
	$(Q)rm -rf $(B)/stage
	$(Q)$(MAKE) --no-print-directory DESTDIR=$(B)/stage PREFIX=/usr/local \
		$(filter-out install-module,$(INSTALLS)) > /dev/null

.PHONY: clean
clean:
	rm -rf $(B)

.PHONY: help
help:
	@echo "make            build driver, daemon, client and library into $(B)/"
	@echo "make demo       boot a guest, plug a software pen, run one session"
	@echo "make check      run every test; ends with 'N passed, N failed, N skipped'"
	@echo "make prove      the proof ladder of the safety core at full length, about 20 minutes"
	@echo "make debug-kernel KIND=uml: build a debug kernel (uml, kasan, kcsan), once"
	@echo "make check-debug  the driver's tests under all debug kernels"
	@echo "make check-long   storms and coverage of the driver, some hours"
	@echo "make deps       install the Debian packages that the above need"
	@echo "make install    DESTDIR=$(DESTDIR) PREFIX=$(PREFIX): daemon, client, udev, systemd, module"
	@echo "make uninstall  with the same variables: removes what install brought"
	@echo "make deb        Debian packages into $(B)/deb"
	@echo "make check-packages  the same, and what a fresh Debian makes of them"
	@echo "make lint       formatting, checkpatch, sparse, clang"
	@echo "make clean      remove $(B)/"

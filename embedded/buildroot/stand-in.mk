# SPDX-License-Identifier: GPL-2.0-or-later
# As much of Buildroot as it takes to run the commands of package/mnpen: what
# they are called with, from where, and in which order. embedded/buildroot/try
# uses it; Buildroot itself does not.
#   SRC      a copy of the sources      TARGET_DIR  what becomes the root
#   CROSS    prefix of the compiler     LINUX_DIR   a configured kernel
INSTALL := install
PKG_CONFIG_HOST_BINARY := $(CROSS)pkg-config
TARGET_MAKE_ENV := PATH="$(PATH)"
TARGET_CONFIGURE_OPTS := $(TARGET_MAKE_ENV) CC="$(CROSS)gcc" \
	CPPFLAGS="-D_LARGEFILE_SOURCE -D_FILE_OFFSET_BITS=64" CFLAGS="-Os -g0" \
	LDFLAGS="" PKG_CONFIG="$(PKG_CONFIG_HOST_BINARY)"
BR2_PACKAGE_SYSTEMD := $(if $(filter systemd,$(INIT)),y)
generic-package :=
kernel-module :=

include $(BR2_EXTERNAL_MNPEN_PATH)/external.mk

.PHONY: all
all: $(SRC)/.stamp_target_installed

$(SRC)/.stamp_built:
	$(MNPEN_BUILD_CMDS)
	$(foreach d,$(MNPEN_MODULE_SUBDIRS),$(MAKE) -C $(LINUX_DIR) ARCH=arm64 \
		CROSS_COMPILE=$(CROSS) $(MNPEN_MODULE_MAKE_OPTS) \
		PWD=$(@D)/$(d) M=$(@D)/$(d) modules)
	touch $@

$(SRC)/.stamp_target_installed: $(SRC)/.stamp_built
	$(MNPEN_INSTALL_TARGET_CMDS)
	$(if $(BR2_PACKAGE_SYSTEMD),$(MNPEN_INSTALL_INIT_SYSTEMD),$(MNPEN_INSTALL_INIT_SYSV))

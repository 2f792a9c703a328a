# SPDX-License-Identifier: GPL-2.0-or-later
################################################################################
#
# mnpen
#
################################################################################

MNPEN_VERSION = 0.1
# This external tree lies in the sources that it builds.
MNPEN_SITE = $(BR2_EXTERNAL_MNPEN_PATH)/../..
MNPEN_SITE_METHOD = local
MNPEN_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude /build
MNPEN_LICENSE = GPL-2.0+, GPL-2.0 (driver), LGPL-2.1+ (libmnpen)
MNPEN_LICENSE_FILES = LICENSES/GPL-2.0 LICENSES/LGPL-2.1
MNPEN_DEPENDENCIES = host-pkgconf host-python3 inih jansson libevent \
	libseccomp libsodium sqlite udev zlib
ifeq ($(BR2_PACKAGE_SYSTEMD),y)
MNPEN_DEPENDENCIES += systemd
endif

# What a kiosk needs: no PDF, no terminal monitor, no man pages.
MNPEN_PROGRAMS = mnpend mnpenctl mnpen-verify mnpen-catalogue-check
# Flags by the environment: the Makefile adds its own to them.
MNPEN_MAKE = $(TARGET_MAKE_ENV) $(TARGET_CONFIGURE_OPTS) $(MAKE) -C $(@D) PREFIX=/usr

define MNPEN_BUILD_CMDS
	$(MNPEN_MAKE) $(addprefix build/bin/,$(MNPEN_PROGRAMS))
endef

define MNPEN_INSTALL_TARGET_CMDS
	$(MNPEN_MAKE) DESTDIR=$(TARGET_DIR) install-mnpend install-catalogue \
		install-record install-udev install-interface
	$(INSTALL) -D -m 0755 $(@D)/build/bin/mnpenctl \
		$(TARGET_DIR)/usr/bin/mnpenctl
	$(INSTALL) -d -m 0750 $(TARGET_DIR)/var/lib/mnpen
endef

define MNPEN_INSTALL_INIT_SYSTEMD
	$(MNPEN_MAKE) DESTDIR=$(TARGET_DIR) install-systemd
endef

define MNPEN_INSTALL_INIT_SYSV
	$(INSTALL) -D -m 0755 $(@D)/systemd/mnpend.init \
		$(TARGET_DIR)/etc/init.d/S50mnpend
endef

# The daemon's user, and the groups of those who may connect.
define MNPEN_USERS
	mnpen -1 mnpen -1 * /var/lib/mnpen - mnpen-observe,mnpen-operate,mnpen-admin Microneedling pen daemon
	- -1 mnpen-observe -1 - - - - Watches pens and stops them
	- -1 mnpen-operate -1 - - - - Runs sessions
	- -1 mnpen-admin -1 - - - - Runs sessions and resets
endef

define MNPEN_PERMISSIONS
	/var/lib/mnpen d 750 mnpen mnpen - - - - -
endef

# Driver: kbuild reads kernel/Makefile itself.
MNPEN_MODULE_SUBDIRS = kernel
MNPEN_MODULE_MAKE_OPTS = HWMON=1 POWER=1
$(eval $(kernel-module))
$(eval $(generic-package))

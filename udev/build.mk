# SPDX-License-Identifier: GPL-2.0-or-later
# hwdb files are read from /etc and /usr/lib only.
UDEVDIR = $(DESTDIR)$(PREFIX)/lib/udev
HWDBDIR = $(DESTDIR)$(if $(filter /usr /,$(PREFIX)),$(PREFIX)/lib,/etc)/udev/hwdb.d

INSTALLS += install-udev
.PHONY: install-udev
install-udev:
	install -D -m 0644 -t $(UDEVDIR)/rules.d udev/60-mnpen.rules \
		udev/72-mnpen-usb.rules
	install -D -m 0644 -t $(HWDBDIR) udev/60-mnpen.hwdb

# SPDX-License-Identifier: GPL-2.0-or-later
INSTALLS += install-udev
.PHONY: install-udev
install-udev:
	install -D -m 0644 udev/60-mnpen.rules \
		$(DESTDIR)$(PREFIX)/lib/udev/rules.d/60-mnpen.rules

# SPDX-License-Identifier: GPL-2.0-or-later
$(B)/systemd/mnpend.service: systemd/mnpend.service.in
	@mkdir -p $(@D)
	$(Q)sed 's|@SBINDIR@|$(PREFIX)/sbin|' $< > $@.tmp && mv $@.tmp $@
.PHONY: FORCE
$(B)/systemd/mnpend.service: FORCE

UNITDIR = $(DESTDIR)$(PREFIX)/lib/systemd/system

# SYSTEMD=no: for machines where something else starts the daemon.
SYSTEMD ?= yes
ifneq ($(SYSTEMD),no)
INSTALLS += install-systemd
else
INSTALLS += install-init
endif
.PHONY: install-init
install-init:
	install -D -m 0755 systemd/mnpend.init $(DESTDIR)/etc/init.d/mnpend
	install -D -m 0644 udev/mdev.conf \
		$(DESTDIR)$(PREFIX)/share/mnpen/mdev.conf

.PHONY: install-systemd
install-systemd: $(B)/systemd/mnpend.service
	install -D -m 0644 -t $(UNITDIR) $< systemd/mnpend-observe.socket \
		systemd/mnpend-operate.socket systemd/mnpend-admin.socket
	install -D -m 0644 systemd/mnpen.sysusers \
		$(DESTDIR)$(PREFIX)/lib/sysusers.d/mnpen.conf
	install -D -m 0644 systemd/mnpen.preset \
		$(DESTDIR)$(PREFIX)/lib/systemd/system-preset/60-mnpen.preset
	install -D -m 0644 systemd/mnpen.tmpfiles \
		$(DESTDIR)$(PREFIX)/lib/tmpfiles.d/mnpen.conf

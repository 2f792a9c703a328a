# SPDX-License-Identifier: GPL-2.0-or-later
# Translations of what mnpenctl prints. A new language: daemon/po/extract NN.po,
# fill it in, add NN here.
PO_LANGUAGES := de
PO_FILES := $(PO_LANGUAGES:%=$(B)/locale/%/LC_MESSAGES/mnpen.mo)

programs: $(PO_FILES)

$(B)/locale/%/LC_MESSAGES/mnpen.mo: daemon/po/%.po
	@mkdir -p $(@D)
	@echo "  MSGFMT  $<"
	$(Q)msgfmt --check-format -o $@ $<

INSTALLS += install-po
.PHONY: install-po
install-po: $(PO_FILES)
	for l in $(PO_LANGUAGES); do install -D -m 0644 \
		$(B)/locale/$$l/LC_MESSAGES/mnpen.mo \
		$(DESTDIR)$(PREFIX)/share/locale/$$l/LC_MESSAGES/mnpen.mo; \
	done

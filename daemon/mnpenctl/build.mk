# SPDX-License-Identifier: GPL-2.0-or-later
PKGS_daemon/mnpenctl := jansson
MNPENCTL_SRCS := $(addprefix daemon/mnpenctl/,mnpenctl.c verbs.c call.c \
		   explain.c units.c list.c catalogue.c watch.c stop.c reset.c \
		   record.c sheet.c session.c turn.c ask.c run.c progress.c \
		   terminal.c i18n.c why.c plan.c care.c files.c)
PROGRAMS += $(B)/bin/mnpenctl
# Files are checked without a daemon, by the same reader.
LIBS_mnpenctl := jansson inih
$(B)/bin/mnpenctl: $(MNPENCTL_SRCS:%.c=$(B)/obj/%.o) $(LIBMNPEN_OBJS) \
	$(CATALOGUE_OBJS) $(CATALOGUE_LOAD_OBJS)
# The same with sanitizers, for the tests.
$(B)/san/bin/mnpenctl: $(MNPENCTL_SRCS:%.c=$(B)/san/%.o) $(LIBMNPEN_SAN_OBJS) \
	$(CATALOGUE_SAN_OBJS) $(CATALOGUE_LOAD_SAN_OBJS)

# Where make install puts what it reads; rewritten when PREFIX changes.
MNPENCTL_PATHS := $(B)/gen/daemon/mnpenctl/paths.h
$(MNPENCTL_PATHS): FORCE
	@mkdir -p $(@D)
	@echo '#define MNPENCTL_CATALOGUE "$(PREFIX)/share/mnpen/catalogue"' > $@.new
	@echo '#define MNPENCTL_LOCALE "$(PREFIX)/share/locale"' >> $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
MNPENCTL_PATHS_OBJS := $(foreach d,obj san,$(addprefix \
	$(B)/$(d)/daemon/mnpenctl/,files.o i18n.o))
$(MNPENCTL_PATHS_OBJS): $(MNPENCTL_PATHS)
$(MNPENCTL_PATHS_OBJS): CPPFLAGS += -I$(B)/gen

INSTALLS += install-mnpenctl
.PHONY: install-mnpenctl
install-mnpenctl: $(B)/bin/mnpenctl
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(B)/bin/mnpenctl $(DESTDIR)$(PREFIX)/bin/
	install -m 644 daemon/mnpenctl/mnpenctl.1 \
		$(DESTDIR)$(PREFIX)/share/man/man1/

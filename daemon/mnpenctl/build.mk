# SPDX-License-Identifier: GPL-2.0-or-later
PKGS_daemon/mnpenctl := jansson cairo
MNPENCTL_SRCS := $(addprefix daemon/mnpenctl/,mnpenctl.c verbs.c options.c guess.c wait.c \
		   help.c completion.c forms.c blocks.c status.c alarm.c \
		   telemetry.c service.c replay.c course.c call.c \
		   js.c wrap.c explain.c units.c list.c catalogue.c watch.c stop.c reset.c \
		   record.c sheet.c session.c steps.c turn.c ask.c override.c scan.c wish.c run.c progress.c \
		   terminal.c i18n.c why.c plan.c care.c files.c config.c export.c \
		   import.c curve.c plot.c paper.c doctor.c \
		   doctor_table.c doctor_driver.c doctor_bus.c \
		   doctor_daemon.c doctor_machine.c names.c node.c source.c \
		   samples.c samples_csv.c raw.c trigger.c capture.c chart.c \
		   chart_html.c sign.c selftest.c calibrate.c)
MNPENCTL_RECORD := $(addprefix daemon/record/,export_csv.o export_fhir.o \
		   export_time.o)
PROGRAMS += $(B)/bin/mnpenctl
# Files are checked without a daemon, by the same reader.
LIBS_mnpenctl := jansson inih libsodium
$(B)/bin/mnpenctl: $(MNPENCTL_SRCS:%.c=$(B)/obj/%.o) $(LIBMNPEN_OBJS) \
	$(CATALOGUE_OBJS) $(CATALOGUE_LOAD_OBJS) $(UDI_SRCS:%.c=$(B)/obj/%.o) \
	$(addprefix $(B)/obj/,$(MNPENCTL_RECORD))
# The same with sanitizers, for the tests.
$(B)/san/bin/mnpenctl: $(MNPENCTL_SRCS:%.c=$(B)/san/%.o) $(LIBMNPEN_SAN_OBJS) \
	$(CATALOGUE_SAN_OBJS) $(CATALOGUE_LOAD_SAN_OBJS) \
	$(UDI_SRCS:%.c=$(B)/san/%.o) \
	$(addprefix $(B)/san/,$(MNPENCTL_RECORD))

# Draws PDF; apart, because nothing else needs cairo.
SHEET_OBJS := $(addprefix daemon/mnpenctl/,mnpen-sheet.o draw.o draw_curves.o \
	      curve.o sheet.o plot.o care.o units.o i18n.o call.o js.o wrap.o explain.o \
	      record.o)
PROGRAMS += $(B)/bin/mnpen-sheet
LIBS_mnpen-sheet := jansson cairo
$(B)/bin/mnpen-sheet: $(SHEET_OBJS:%=$(B)/obj/%) $(LIBMNPEN_OBJS)

# The same for PNG.
PLOT_OBJS := $(addprefix daemon/mnpenctl/,mnpen-plot.o chart.o samples.o \
	     samples_csv.o js.o)
PROGRAMS += $(B)/bin/mnpen-plot
LIBS_mnpen-plot := jansson cairo
$(B)/bin/mnpen-plot: $(PLOT_OBJS:%=$(B)/obj/%)

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

# Man pages, schemas and completions are made of the table of commands. Built
# for another machine, it does not run here: NATIVE_MNPENCTL is one that does.
RUN_MNPENCTL = $(or $(NATIVE_MNPENCTL),$(B)/bin/mnpenctl)
MNPENCTL_PAGES := $(B)/mnpenctl/made
MNPENCTL_SHELLS := bash zsh fish
programs: $(MNPENCTL_PAGES)
$(MNPENCTL_PAGES): $(B)/bin/mnpenctl daemon/varlink/io.mnpen.Pen.varlink \
		$(addprefix daemon/mnpenctl/,pages mnpenctl.1 io.mnpen.ctl.varlink)
	@echo "  PAGES   $(@D)"
	@mkdir -p $(@D)
	$(Q)$(RUN_MNPENCTL) --json help | daemon/mnpenctl/pages $(@D) $(VERSION)
	$(Q)for s in $(MNPENCTL_SHELLS); do \
		$(RUN_MNPENCTL) completion $$s >$(@D)/completion.$$s || exit; done
	@touch $@

INSTALLS += install-mnpenctl
.PHONY: install-mnpenctl
MNPENCTL_SHARE = $(DESTDIR)$(PREFIX)/share
install-mnpenctl: $(B)/bin/mnpenctl $(B)/bin/mnpen-sheet $(B)/bin/mnpen-plot $(MNPENCTL_PAGES)
	install -d $(DESTDIR)$(PREFIX)/bin $(MNPENCTL_SHARE)/man/man1 \
		$(MNPENCTL_SHARE)/mnpen/schema
	install -m 755 $(B)/bin/mnpenctl $(B)/bin/mnpen-sheet $(B)/bin/mnpen-plot \
		$(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(B)/mnpenctl/man/*.1 daemon/mnpenctl/mnpen-plot.1 \
		daemon/mnpenctl/mnpen-sheet.1 $(MNPENCTL_SHARE)/man/man1/
	install -m 644 $(B)/mnpenctl/schema/*.json $(MNPENCTL_SHARE)/mnpen/schema/
	install -D -m 644 $(B)/mnpenctl/completion.bash \
		$(MNPENCTL_SHARE)/bash-completion/completions/mnpenctl
	install -D -m 644 $(B)/mnpenctl/completion.zsh \
		$(MNPENCTL_SHARE)/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)/_mnpenctl
	install -D -m 644 $(B)/mnpenctl/completion.fish \
		$(MNPENCTL_SHARE)/fish/vendor_completions.d/mnpenctl.fish

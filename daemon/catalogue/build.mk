# SPDX-License-Identifier: GPL-2.0-or-later
# The sets and what may be looked up in them.
CATALOGUE_SRCS := $(addprefix daemon/catalogue/,budget.c builtin.c care.c \
                  catalogue.c ical.c judge.c names.c patient.c plan.c \
                  planning.c schema.c screening.c set.c sources.c timetable.c)
CATALOGUE_OBJS := $(CATALOGUE_SRCS:%.c=$(B)/obj/%.o)
CATALOGUE_SAN_OBJS := $(CATALOGUE_SRCS:%.c=$(B)/san/%.o)

# The reader of files; whoever links it needs inih.
CATALOGUE_LOAD_SRCS := $(addprefix daemon/catalogue/,bounds.c check.c draft.c load.c \
                       value.c)
CATALOGUE_LOAD_OBJS := $(CATALOGUE_LOAD_SRCS:%.c=$(B)/obj/%.o)
CATALOGUE_LOAD_SAN_OBJS := $(CATALOGUE_LOAD_SRCS:%.c=$(B)/san/%.o)
PKGS_daemon/catalogue := inih

# Which cartridge, and was it called back: needs nothing of the above.
UDI_SRCS := $(addprefix daemon/catalogue/,recall.c recall_load.c udi.c)
UDI_OBJS := $(UDI_SRCS:%.c=$(B)/obj/%.o)
UDI_SAN_OBJS := $(UDI_SRCS:%.c=$(B)/san/%.o)

PROGRAMS += $(B)/bin/mnpen-catalogue-check
LIBS_mnpen-catalogue-check := inih
$(B)/bin/mnpen-catalogue-check: $(CATALOGUE_OBJS) $(CATALOGUE_LOAD_OBJS) \
	$(B)/obj/daemon/catalogue/mnpen-catalogue-check.o

INSTALLS += install-catalogue
.PHONY: install-catalogue
install-catalogue: $(B)/bin/mnpen-catalogue-check
	install -D -m 0755 $< $(DESTDIR)$(PREFIX)/bin/mnpen-catalogue-check
	install -D -m 0644 daemon/catalogue/mnpen-catalogue-check.1 \
		$(DESTDIR)$(PREFIX)/share/man/man1/mnpen-catalogue-check.1
	install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/mnpen/catalogue \
		daemon/catalogue/data/*.conf

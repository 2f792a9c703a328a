# SPDX-License-Identifier: GPL-2.0-or-later
# Built-in areas, concerns, screening and preparation: data and lookups.
CATALOGUE_SRCS := daemon/catalogue/catalogue.c daemon/catalogue/builtin.c \
                  daemon/catalogue/screening.c daemon/catalogue/sources.c
CATALOGUE_OBJS := $(CATALOGUE_SRCS:%.c=$(B)/obj/%.o)
CATALOGUE_SAN_OBJS := $(CATALOGUE_SRCS:%.c=$(B)/san/%.o)

# Which cartridge: needs nothing of the above.
UDI_OBJS := $(B)/obj/daemon/catalogue/udi.o
UDI_SAN_OBJS := $(B)/san/daemon/catalogue/udi.o

# SPDX-License-Identifier: GPL-2.0-or-later
# The sets, what may be looked up in them, and the reader of files.
CATALOGUE_SRCS := $(addprefix daemon/catalogue/,builtin.c care.c catalogue.c \
                  names.c plan.c schema.c screening.c set.c sources.c)
CATALOGUE_OBJS := $(CATALOGUE_SRCS:%.c=$(B)/obj/%.o)
CATALOGUE_SAN_OBJS := $(CATALOGUE_SRCS:%.c=$(B)/san/%.o)

# Which cartridge: needs nothing of the above.
UDI_OBJS := $(B)/obj/daemon/catalogue/udi.o
UDI_SAN_OBJS := $(B)/san/daemon/catalogue/udi.o

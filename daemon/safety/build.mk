# SPDX-License-Identifier: GPL-2.0-or-later
# The pure core: linked into the daemon and into its tests.
SAFETY_SRCS := daemon/safety/safety.c daemon/safety/checks.c \
               daemon/safety/limits.c daemon/safety/names.c \
               daemon/safety/requests.c
SAFETY_OBJS := $(SAFETY_SRCS:%.c=$(B)/obj/%.o)
SAFETY_SAN_OBJS := $(SAFETY_SRCS:%.c=$(B)/san/%.o)

# SPDX-License-Identifier: GPL-2.0-or-later
# The pure core: linked into the daemon and into its tests.
SAFETY_SRCS := $(addprefix daemon/safety/,safety.c requests.c begin.c \
                 reports.c telemetry.c measure.c deadlines.c ready.c dose.c \
                 set.c alarms.c when.c limits.c names.c)
SAFETY_OBJS := $(SAFETY_SRCS:%.c=$(B)/obj/%.o)
SAFETY_SAN_OBJS := $(SAFETY_SRCS:%.c=$(B)/san/%.o)

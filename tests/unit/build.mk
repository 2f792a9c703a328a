# SPDX-License-Identifier: GPL-2.0-or-later
# Each subject brings its own fragment beside its tests.
include $(sort $(filter-out tests/unit/build.mk,$(wildcard tests/unit/*.mk)))

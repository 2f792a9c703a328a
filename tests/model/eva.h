/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Before every file that EVA reads: it cannot parse these. */
#define _Static_assert(condition, text) extern int eva_static_assert

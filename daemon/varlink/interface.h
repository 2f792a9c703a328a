/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MNPEN_VARLINK_INTERFACE_H
#define MNPEN_VARLINK_INTERFACE_H

/* io.mnpen.Pen.varlink as it was when this was built; ends with a 0. */
extern const char mnpen_interface_text[];

#endif /* MNPEN_VARLINK_INTERFACE_H */

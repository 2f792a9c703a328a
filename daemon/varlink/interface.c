// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/varlink/interface.h"

const char mnpen_interface_text[] =
#include "interface.inc"	/* made from io.mnpen.Pen.varlink */
	;

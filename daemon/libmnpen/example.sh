#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A session by a script: one second of motor time on the first pen. What goes
# wrong is said by mnpenctl, and by its exit status (mnpenctl(1)).
set -eu

mnpenctl status
mnpenctl session steps --area cheek --concern acne-scar --depth 500 \
	--rate 6000 --seconds 1 --screening clear --preparation 'done' <<-STEPS
	begin
	confirm
	start
	wait
	end
STEPS
mnpenctl record show last

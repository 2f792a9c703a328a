# SPDX-License-Identifier: GPL-2.0-or-later
"""Installs build/stage (make stage) into the running guest, as a package would."""

import os

import lab

STAGE = os.path.join(lab.BUILD, "stage")


def stage():
    lab.run("cp", "-a", *(f"{STAGE}/{top}" for top in os.listdir(STAGE)), "/")
    lab.run("systemd-sysusers", "/usr/local/lib/sysusers.d/mnpen.conf")
    lab.run("systemd-tmpfiles", "--create", "/usr/local/lib/tmpfiles.d/mnpen.conf")
    # Virtual time: its minute can pass while the host reads the rules.
    lab.run("udevadm", "control", "--timeout=600", "--reload")
    lab.run("systemctl", "start", "mnpend-observe.socket", "mnpend-operate.socket",
            "mnpend-admin.socket")

# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of a pen that was plugged in, whatever it says of itself."""

import os
import re
import select

import lab
import node

EPROTONOSUPPORT = 93
LEASE_MS = 200


class Hub:
    """Waits until the hub of bus BUS has dealt with a pen on its first port.

    Made before the pen is plugged in, asked after.
    """

    VERDICT = re.compile(r"usb \d+-1: New USB device found|"
                         r"usb\d+-port1: unable to enumerate")

    def __init__(self, bus=1):
        self.product = f"/sys/bus/usb/devices/usb{bus}/product"
        self.log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.log, 0, os.SEEK_END)

    def _line(self, limit_s):
        if not select.select([self.log], [], [], limit_s)[0]:
            raise lab.LabError(f"the hub did not look at the pen in {limit_s} s")
        return os.read(self.log, 8192).decode(errors="replace")

    def settled(self):
        while not self.VERDICT.search(self._line(60)):
            pass
        # Waits for the hub's lock: it is held until drivers were asked.
        with open(self.product) as f:
            f.read()
        os.close(self.log)


def worth(names):
    """What the pen is good for, of the driver's devices that it has: refused,
    limp, mute or works. The motor is off afterwards."""
    if not names:
        return "refused"
    if len(names) > 1:
        raise lab.LabError(f"bound {len(names)} times")
    with node.Node(names[0]) as n:
        state = n.state()
        n.acquire()
        try:
            n.arm(LEASE_MS)
            n.run()
        except OSError as error:
            if state == node.LIMP:
                if error.errno != EPROTONOSUPPORT:
                    raise lab.LabError(f"limp, and ARM says {error}") from error
                return "limp"
            n.stop()
            if n.state() == node.RUNNING:
                raise lab.LabError("RUNNING after a refusal") from error
            return "mute"
        if state == node.LIMP:
            raise lab.LabError("LIMP, and it runs")
        n.stop()
        return "works"


def sets():
    """(name, expected worth, what it breaks) of every set there is."""
    listed = lab.run(f"{lab.BIN}/mnpen-emulator", "--hostile", "list").stdout
    return [line.split(maxsplit=3)[1:] for line in listed.splitlines()]

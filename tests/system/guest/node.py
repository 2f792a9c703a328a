# SPDX-License-Identifier: GPL-2.0-or-later
"""The driver's node without daemon and library: ioctls and records by hand."""

import fcntl
import os
import select
import struct

CLASS = "/sys/class/mnpen"
IDLE, ARMED, RUNNING, STOPPING, FAULT, LIMP, GONE = 1, 2, 3, 4, 5, 8, 10
TELEMETRY, EVENTS = 1, 2
RECORD = 64


def _ioc(direction, number, size):
    return direction << 30 | size << 16 | 0xE8 << 8 | number


GET_STATUS = _ioc(2, 0x01, 72)
SUBSCRIBE = _ioc(1, 0x04, 16)
STOP = _ioc(0, 0x05, 0)
ACQUIRE = _ioc(3, 0x06, 16)
KEEPALIVE = _ioc(3, 0x08, 16)
ARM = _ioc(1, 0x09, 32)
RUN = _ioc(1, 0x0A, 32)


def attribute(name, what):
    """One line of /sys/class/mnpen/NAME; None if the pen has gone."""
    try:
        with open(f"{CLASS}/{name}/{what}", errors="replace") as f:
            return f.read().rstrip("\n")
    except OSError:
        return None


def serials():
    """{serial: [names]} of the pens that the driver has bound and that can be
    opened: sysfs knows of them a little earlier."""
    found = {}
    try:
        names = os.listdir(CLASS)
    except FileNotFoundError:
        return found
    for name in names:
        serial = attribute(name, "serial")
        if serial is not None and os.path.exists(f"/dev/{name}"):
            found.setdefault(serial, []).append(name)
    return found


class Node:
    """An open /dev/mnpenN. OSError from every call, as the driver says."""

    def __init__(self, name, flags=os.O_RDWR):
        self.name = name
        self.session = 0
        self.fd = os.open(f"/dev/{name}", flags | os.O_CLOEXEC)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        os.close(self.fd)

    def _call(self, number, *words):
        return fcntl.ioctl(self.fd, number,
                           struct.pack(f"={len(words)}I", *words))

    def state(self):
        return struct.unpack_from("=QQI", self._call(GET_STATUS, *[0] * 18))[2]

    def subscribe(self, mask, period_ms=0):
        self._call(SUBSCRIBE, mask, period_ms, 0, 0)

    def stop(self):
        fcntl.ioctl(self.fd, STOP)

    def acquire(self):
        self.session = struct.unpack_from("=II", self._call(ACQUIRE, 0, 0, 0, 0))[1]

    def arm(self, lease_ms=200):
        self._call(ARM, self.session, 0, lease_ms, 0, 0, 0, 0, 0)

    def run(self, rate_spm=6000, depth_um=500):
        self._call(RUN, self.session, 0, rate_spm, depth_um, 0, 0, 0, 0)

    def keep_alive(self):
        self._call(KEEPALIVE, self.session, 0, 0, 0)

    def record(self, limit_s):
        """(type, event code, state) of the next record; None: none in time."""
        if not select.select([self.fd], [], [], limit_s)[0]:
            return None
        data = os.read(self.fd, RECORD)
        kind, = struct.unpack_from("=H", data, 16)
        if kind == EVENTS:
            code, state = struct.unpack_from("=II", data, 24)
            return kind, code, state
        return kind, 0, data[24]

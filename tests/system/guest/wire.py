# SPDX-License-Identifier: GPL-2.0-or-later
"""The driver's node and capture files, for tests that look at the wire.

Shares no code with the programs under test: ioctl numbers and layouts are
those of linux/mnpen.h and of the pcapng format, written down once more.
"""

import fcntl
import glob
import os
import select
import struct
import threading
import time

import lab


def _ioc(direction, number, size):
    return direction << 30 | size << 16 | 0xE8 << 8 | number


GET_STATUS = _ioc(2, 0x01, 64)
SUBSCRIBE = _ioc(1, 0x04, 16)
STOP = _ioc(0, 0x05, 0)
ACQUIRE = _ioc(3, 0x06, 16)
KEEPALIVE = _ioc(3, 0x08, 16)
ARM = _ioc(1, 0x09, 32)
RUN = _ioc(1, 0x0A, 32)

RECORD = struct.Struct("=QIIHHI40s")
# state battery_pct feed_left rate_set rate depth_set depth motor bus battery
# limits_generation temp_motor temp_board fault_active fault_latched strokes
TELEMETRY = struct.Struct("=BBHHHHHhHHHiiIII")
STATE, RATE, DEPTH, STROKES = 0, 4, 6, 15
RUNNING = 3


class Node:
    """One /dev/mnpenN, opened for reading and writing."""

    def __init__(self):
        path = lab.until("the pen's node appears",
                         lambda: sorted(glob.glob("/dev/mnpen[0-9]*")))[-1]
        self.fd = os.open(path, os.O_RDWR)
        self.session = 0

    def ioctl(self, request, *fields, layout):
        return fcntl.ioctl(self.fd, request, struct.pack(layout, *fields))

    def subscribe(self):
        self.ioctl(SUBSCRIBE, 1, 0, layout="=II8x")

    def acquire(self):
        self.session = struct.unpack_from("=II", self.ioctl(
            ACQUIRE, 0, 0, layout="=II8x"))[1]

    def arm(self):
        self.ioctl(ARM, self.session, 0, 200, layout="=III20x")

    def run(self, rate_spm, depth_um):
        self.ioctl(RUN, self.session, 0, rate_spm, depth_um, 0, layout="=IIIII12x")

    def keep_alive(self):
        self.ioctl(KEEPALIVE, self.session, 0, 0, layout="=IIQ")

    def stop(self):
        fcntl.ioctl(self.fd, STOP)

    def read(self, limit_s):
        """Records that are there: (time_ns, seq, dev_time_us, telemetry)."""
        if not select.select([self.fd], [], [], limit_s)[0]:
            return []
        data = os.read(self.fd, 64 * RECORD.size)
        out = []
        for time_ns, seq, dev_us, kind, flags, lost, body in RECORD.iter_unpack(data):
            if flags & 1:
                raise lab.LabError(f"the reader lost {lost} records")
            if kind == 1:
                out.append((time_ns, seq, dev_us,
                            TELEMETRY.unpack(body[:TELEMETRY.size])))
        return out

    def close(self):
        os.close(self.fd)


class Reader(threading.Thread):
    """Reads a node's telemetry until it is told to stop."""

    def __init__(self):
        super().__init__(daemon=True)
        self.node = Node()
        self.node.subscribe()
        self.records = []
        self.error = None
        self.enough = threading.Event()
        self.start()

    def run(self):
        try:
            while not self.enough.is_set():
                self.records += self.node.read(0.05)
        except (OSError, lab.LabError) as error:
            self.error = error

    def done(self):
        self.enough.set()
        self.join(600)
        self.node.close()
        if self.error:
            raise lab.LabError(f"reading the node: {self.error}")
        return self.records


def run_motor(rate_spm, depth_um, run_s):
    """A short run, straight by the driver, with a changed set point."""
    node = Node()
    node.acquire()
    node.arm()
    node.run(rate_spm, depth_um)
    end = time.monotonic() + run_s
    while time.monotonic() < end:
        node.keep_alive()
        time.sleep(0.05)
    node.stop()
    node.close()


def blocks(path):
    """Blocks of a pcapng file in the byte order of this machine."""
    with open(path, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("=II", data, at)
        if struct.unpack_from("=I", data, at + length - 4)[0] != length:
            raise lab.LabError(f"{path}: block at {at} has two lengths")
        yield kind, data[at + 8:at + length - 4]
        at += length


def packets(path):
    """(time_us, usbmon header fields, data) of every packet in it."""
    header = struct.Struct("=QcBBBHbbqiiII8s16x")
    for kind, body in blocks(path):
        if kind != 6:
            continue
        _, high, low, captured, _ = struct.unpack_from("=IIIII", body)
        fields = header.unpack_from(body, 20)
        yield high << 32 | low, fields, body[20 + 64:20 + captured]


def telemetry_bytes(path):
    """What came from the interrupt IN pipe: (time_us, bytes)."""
    return [(t, data) for t, h, data in packets(path)
            if h[1] == b"C" and h[2] == 1 and h[3] == 0x81 and not h[10]]

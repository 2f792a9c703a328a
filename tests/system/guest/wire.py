# SPDX-License-Identifier: GPL-2.0-or-later
"""Telemetry of the driver's node and capture files, for tests that look at the
wire.

Shares no code with the programs under test: layouts are those of linux/mnpen.h
and of the pcapng format, written down once more.
"""

import glob
import os
import select
import struct
import threading
import time

import lab
import node

RECORD = struct.Struct("=QIIHHI40s")
# state battery_pct feed_left rate_set rate depth_set depth motor bus battery
# limits_generation temp_motor temp_board fault_active fault_latched strokes
TELEMETRY = struct.Struct("=BBHHHHHhHHHiiIII")
STATE, RATE, DEPTH, STROKES = 0, 4, 6, 15


def opened():
    """The newest pen's node."""
    path = lab.until("the pen's node appears",
                     lambda: sorted(glob.glob("/dev/mnpen[0-9]*")))[-1]
    return node.Node(os.path.basename(path))


def records(fd, limit_s):
    """Those that are there: (time_ns, seq, dev_time_us, telemetry)."""
    if not select.select([fd], [], [], limit_s)[0]:
        return []
    out = []
    for time_ns, seq, dev_us, kind, flags, lost, body in RECORD.iter_unpack(
            os.read(fd, 64 * RECORD.size)):
        if flags & 1:
            raise lab.LabError(f"the reader lost {lost} records")
        if kind == node.TELEMETRY:
            out.append((time_ns, seq, dev_us, TELEMETRY.unpack(body[:TELEMETRY.size])))
    return out


class Reader(threading.Thread):
    """Reads a node's telemetry until it is told to stop."""

    def __init__(self):
        super().__init__(daemon=True)
        self.node = opened()
        self.node.subscribe(node.TELEMETRY)
        self.records = []
        self.error = None
        self.enough = threading.Event()
        self.start()

    def run(self):
        try:
            while not self.enough.is_set():
                self.records += records(self.node.fd, 0.05)
        except (OSError, lab.LabError) as error:
            self.error = error

    def done(self):
        self.enough.set()
        self.join(600)
        os.close(self.node.fd)
        if self.error:
            raise lab.LabError(f"reading the node: {self.error}")
        return self.records


def run_motor(rate_spm, depth_um, run_s):
    """A short run, straight by the driver, with a changed set point."""
    with opened() as n:
        n.acquire()
        n.arm()
        n.run(rate_spm, depth_um)
        end = time.monotonic() + run_s
        while time.monotonic() < end:
            n.keep_alive()
            time.sleep(0.05)
        n.stop()


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

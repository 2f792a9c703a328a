# SPDX-License-Identifier: GPL-2.0-or-later
"""One controller of one pen through the driver: full records and status, and
a lease that a thread renews."""

import collections
import os
import select
import struct
import threading

import lab
import node

# struct mnpen_record, and its two kinds of contents
HEAD = struct.Struct("=QIIHHI")
TELEMETRY = struct.Struct("=BBHHHHHhHHHiiIII")
EVENT = struct.Struct("=4I6I")
STATUS = struct.Struct("=QQ14I")
F_GAP, F_DISCONT = 2, 4

Telemetry = collections.namedtuple("Telemetry", """time_ns seq flags state battery_pct feed_left
    rate_set rate depth_set depth current bus_mv battery_mv generation temp_motor temp_board
    fault_active fault_latched strokes""")
Event = collections.namedtuple("Event", "time_ns seq flags code state reason session arg")
Status = collections.namedtuple("Status", """time_ns lease_ns state reason fault_active
    fault_latched session mine generation boot_id age_ms""")


class Controller(node.Node):
    """Opens the node of the pen with this serial, waits for it if need be."""

    def __init__(self, serial=lab.SERIAL):
        name = lab.until(f"pen {serial} is there",
                         lambda: node.serials().get(serial, [None])[0], 60)
        super().__init__(name)
        self.quiet = threading.Event()
        self.beat = None

    def __exit__(self, *exc):
        self.hush()
        super().__exit__(*exc)

    def status(self):
        data = self._call(node.GET_STATUS, *[0] * 18)
        return Status(*STATUS.unpack_from(data)[:11])

    def wait_state(self, state, limit_s=30):
        return lab.until(f"driver state {state}, is {self.status()}",
                         lambda: self.status().state == state and self.status(), limit_s)

    def start(self, rate_spm=6000, depth_um=1000):
        self.wait_state(node.IDLE)
        self.acquire()
        self.arm()
        self.run(rate_spm, depth_um)
        self.hush()
        self.quiet = threading.Event()
        self.beat = threading.Thread(target=self._beat, args=(self.quiet,), daemon=True)
        self.beat.start()

    def hush(self):
        """Renews no more."""
        self.quiet.set()
        if self.beat:
            self.beat.join()
        self.beat = None

    def _beat(self, quiet):
        try:
            while not quiet.wait(0.04):
                self.keep_alive()
        except OSError:
            pass    # stopped, or gone

    def next(self, limit_s=10):
        """The next record of a subscription."""
        if not select.select([self.fd], [], [], limit_s)[0]:
            raise lab.LabError(f"no record in {limit_s} s; {self.status()}")
        data = os.read(self.fd, node.RECORD)
        time_ns, seq, _, kind, flags, _ = HEAD.unpack_from(data)
        if kind == node.EVENTS:
            words = EVENT.unpack_from(data, HEAD.size)
            return Event(time_ns, seq, flags, *words[:4], words[4:])
        return Telemetry(time_ns, seq, flags, *TELEMETRY.unpack_from(data, HEAD.size))

    def find(self, what, good, records=2000):
        """The next record for which good() holds."""
        last = None
        for _ in range(records):
            last = self.next()
            if good(last):
                return last
        raise lab.LabError(f"no record {what} among {records}; last {last}")

    def telemetry(self, what, good):
        return self.find(what, lambda r: isinstance(r, Telemetry) and good(r))

    def event(self, code):
        return self.find(f"with event {code}", lambda r: isinstance(r, Event) and r.code == code)

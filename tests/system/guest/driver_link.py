# SPDX-License-Identifier: GPL-2.0-or-later
"""A cable with a will of its own, between vhci_hcd and a software pen.

Speaks USB/IP to both, sees every byte that the driver sends, and can keep it
back, deliver it late or twice, or answer in the pen's place. The pen behind it
is a good one; what it makes of late and doubled packets is in its journal.
"""

import collections
import os
import select
import socket
import struct
import threading
import time

import lab

HEADER = struct.Struct(">10I8s")
SUBMIT, UNLINK, RET_SUBMIT, RET_UNLINK = 1, 2, 3, 4
ECONNRESET, EPROTO = -104, -71
DEVID, FULL_SPEED = 0x10002, 2
OURS = 0x40000000       # sequence numbers that vhci never sees
VHCI = "/sys/devices/platform/vhci_hcd.0"

# What the host sent: when, endpoint, direction (1: IN), setup packet, data
Sent = collections.namedtuple("Sent", "t ep into setup data")


class Request:
    """One CMD_SUBMIT of the host."""

    def __init__(self, frame, data):
        self.words = list(HEADER.unpack(frame))
        self.seq, self.into, self.ep = self.words[1], self.words[3], self.words[4]
        self.length, self.setup, self.data = self.words[6], self.words[10], data
        self.answered = False

    def number(self):
        """bRequest of a request to the interface's class, else None."""
        return self.setup[1] if self.ep == 0 and self.setup[0] & 0x7F == 0x21 else None

    def packed(self, seq=None):
        words = list(self.words)
        words[1] = seq or self.seq
        return HEADER.pack(*words) + self.data


class Link(threading.Thread):
    """Plugs the pen in. Rules may be set at any time, from any thread:

    keep(request) -> True: the pen does not get it (yet): request_kept
    twice(request) -> True: it gets it two times
    answer(request) -> (status, bytes) or None: instead of the pen
    """

    def __init__(self, serial=lab.SERIAL):
        super().__init__(daemon=True)
        path = f"{lab.RUN}/link.usbip"
        self.pen = lab.Pen(serial, transport="usbip", more=["--listen", path])
        self.pen.do("plug")
        self.path = path
        self.lock = threading.Lock()
        self.sent = []                          # of Sent
        self.kept = []                          # of Request
        self.open = {}                          # by sequence number
        self.keep = self.twice = self.answer = lambda request: None
        self.again = OURS
        self.port = 0
        self.plug()
        self.start()

    def plug(self):
        self.far = socket.socket(socket.AF_UNIX)
        self.far.connect(self.path)
        self.near, theirs = socket.socketpair()
        with open(f"{VHCI}/attach", "w") as f:
            f.write(f"{self.port} {theirs.fileno()} {DEVID} {FULL_SPEED}")
        theirs.close()

    def rules(self, keep=None, twice=None, answer=None):
        """Replaces all three, and gives the number of packets seen so far."""
        with self.lock:
            self.keep = keep or (lambda request: None)
            self.twice = twice or (lambda request: None)
            self.answer = answer or (lambda request: None)
            return len(self.sent)

    def run(self):
        try:
            while True:
                ready, _, _ = select.select([self.near, self.far], [], [])
                if self.near in ready:
                    self._from_host()
                if self.far in ready:
                    self._from_pen()
        except (OSError, EOFError):
            pass
        finally:
            self.near.close()
            self.far.close()

    @staticmethod
    def _read(sock, n):
        data = b""
        while len(data) < n:
            more = sock.recv(n - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _from_host(self):
        frame = self._read(self.near, HEADER.size)
        words = HEADER.unpack(frame)
        if words[0] == UNLINK:
            with self.lock:
                self._unlink(frame, words)
            return
        data = self._read(self.near, words[6]) if not words[3] else b""
        request = Request(frame, data)
        with self.lock:
            self.sent.append(Sent(time.monotonic(), request.ep, request.into,
                                  request.setup, data))
            self.open[request.seq] = request
            answer = self.answer(request)
            if answer:
                self._reply(request, *answer)
            elif self.keep(request):
                self.kept.append(request)
            else:
                self.far.sendall(request.packed())
                if self.twice(request):
                    self.deliver(request)

    def _unlink(self, frame, words):
        """A request that the pen has not got is taken back here."""
        request = self.open.get(words[5])
        if request is None or request.answered:
            self._header(RET_UNLINK, words[1], 0)
        elif request in self.kept:
            request.answered = True
            self._header(RET_UNLINK, words[1], ECONNRESET)
        else:
            self.far.sendall(frame)     # its answer may be on the way already

    def _header(self, command, seq, status, length=0):
        self.near.sendall(HEADER.pack(command, seq, 0, 0, 0, status & 0xFFFFFFFF, length,
                                      0, 0, 0, b""))

    def _reply(self, request, status, data=b""):
        self.open.pop(request.seq, None)
        request.answered = True
        length = len(data) if request.into else request.length
        self._header(RET_SUBMIT, request.seq, status, 0 if status else length)
        if request.into and not status:
            self.near.sendall(data)

    def _from_pen(self):
        frame = self._read(self.far, HEADER.size)
        words = HEADER.unpack(frame)
        with self.lock:
            if words[0] == RET_UNLINK:
                self.near.sendall(frame)
                return
            request = self.open.pop(words[1])
            data = self._read(self.far, words[6]) if request.into else b""
            if words[1] >= OURS or request.answered:
                return
            self.near.sendall(frame + data)

    def deliver(self, request):
        """Late, or once more. The host hears no answer unless it still waits."""
        if not request.answered and request.seq in self.open and request in self.kept:
            seq = request.seq
        else:
            self.again += 1
            seq = self.again
            copy = Request(request.packed()[:HEADER.size], b"")
            copy.answered = True
            self.open[seq] = copy
        if request in self.kept:
            self.kept.remove(request)
        self.far.sendall(request.packed(seq))

    def release(self):
        """The pen gets all that was kept, in the order in which it was sent."""
        with self.lock:
            for request in list(self.kept):
                self.deliver(request)

    def wait_kept(self, good, limit_s=30):
        def found():
            with self.lock:
                return [r for r in self.kept if good(r)]
        return lab.until("the driver sends it", found, limit_s, 0.002)[0]

    def since(self, first, good):
        with self.lock:
            return [s for s in self.sent[first:] if good(s)]

    def unplug(self):
        for sock in (self.near, self.far):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.join(60)

    def close(self):
        self.unplug()
        self.pen.close()


def crc16(data):
    """CRC-16/CCITT-FALSE, written down once more."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return crc


def usb_path():
    """Directory of the pen's USB device in sysfs."""
    import node
    names = os.listdir(node.CLASS)
    return os.path.realpath(f"{node.CLASS}/{names[0]}/device/..")

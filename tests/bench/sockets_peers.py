# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon and other brokers behind one face, for tests/bench/sockets.

Each is started by hand on a Unix socket of its own, with no service manager and
nothing on disk. What they speak is written down here in plain sockets, so that
the cost of a client is the same for all.
"""

import json
import os
import socket
import struct
import subprocess
import time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PEN = "STANDIN1"


def dial(path):
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    return s


def read_exactly(s, n):
    data = b""
    while len(data) < n:
        more = s.recv(n - len(data))
        if not more:
            raise EOFError("closed")
        data += more
    return data


class Peer:
    """One broker. subscribe() returns a socket; publish() sends one message."""

    name = ""
    config = None
    publishes_itself = False

    def __init__(self, directory, **environment):
        self.directory = directory
        self.path = os.path.join(directory, "socket")
        self.environment = environment
        began = time.monotonic()
        self.process = self.start()
        while True:
            try:
                s = self.connect()
                self.round_trip(s)
                break
            except (OSError, EOFError) as error:
                if self.process.poll() is not None or time.monotonic() - began > 20:
                    raise RuntimeError(f"{self.name} does not serve") from error
                time.sleep(0.0002)
        self.start_s = time.monotonic() - began
        s.close()

    def spawn(self, *argv, **more):
        log = open(os.path.join(self.directory, "log"), "a", encoding="utf-8")
        return subprocess.Popen(argv, stdout=log, stderr=log,
                                env={**os.environ, **self.environment}, **more)

    def write(self, text):
        path = os.path.join(self.directory, "config")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def connect(self):
        return dial(self.path)

    def end(self):
        self.process.terminate()
        self.process.wait(20)


class Mnpend(Peer):
    """The pen is a stand-in, which publishes 1000 records a second."""

    name = "mnpend"
    program = "mnpend-fan"
    publishes_itself = True

    def start(self):
        self.path = os.path.join(self.directory, "s", "observe")
        return self.spawn(f"{TOP}/build/bin/{self.program}", "--record",
                          os.path.join(self.directory, "record.db"),
                          "--socket-dir", os.path.join(self.directory, "s"))

    @staticmethod
    def call(s, method, parameters=None, **more):
        s.sendall(json.dumps({"method": method, "parameters": parameters or {},
                              **more}).encode() + b"\0")

    def subscribe(self):
        s = self.connect()
        self.call(s, "io.mnpen.Pen.Monitor", more=True)
        while not s.recv(65536).endswith(b"\0"):
            pass
        return s

    ASK = json.dumps({"method": "io.mnpen.Pen.Why",
                      "parameters": {"penId": PEN}}).encode() + b"\0"

    def round_trip(self, s):
        s.sendall(self.ASK)
        while not s.recv(4096).endswith(b"\0"):
            pass


class Installed(Mnpend):
    """As a service manager starts it: sockets passed in, no stand-in."""

    def start(self):
        self.path = os.path.join(self.directory, "observe")
        names = ("observe", "operate", "admin")
        listeners = []
        for name in names:
            s = socket.socket(socket.AF_UNIX)
            s.bind(os.path.join(self.directory, name))
            s.listen(64)
            listeners.append(s)
        fds = " ".join(f"{n}<&{s.fileno()}" for n, s in enumerate(listeners, 3))
        process = self.spawn(
            "bash", "-c", f"LISTEN_PID=$$ exec {TOP}/build/bin/mnpend --record "
            f"{self.directory}/record.db {fds}",
            pass_fds=[s.fileno() for s in listeners])
        for s in listeners:
            s.close()
        return process

    def __init__(self, directory, **environment):
        super().__init__(directory, LISTEN_FDS="3",
                         LISTEN_FDNAMES="observe:operate:admin", **environment)


class Bare(Mnpend):
    """No broker: sends to all, and does nothing else. See bare.c."""

    name = "bare send"
    length = 367

    def start(self):
        return self.spawn(f"{TOP}/build/bin/bench-bare", self.path, str(self.length))


class Redis(Peer):
    name = "redis"

    def start(self):
        return self.spawn("redis-server", "--port", "0", "--unixsocket", self.path,
                          "--save", "", "--appendonly", "no")

    def subscribe(self):
        s = self.connect()
        s.sendall(b"SUBSCRIBE t\r\n")
        read_exactly(s, len("*3\r\n$9\r\nsubscribe\r\n$1\r\nt\r\n:1\r\n"))
        return s

    def publish(self, s, payload):
        s.sendall(b"*3\r\n$7\r\nPUBLISH\r\n$1\r\nt\r\n$%d\r\n%s\r\n"
                  % (len(payload), payload))
        s.recv(64)

    def round_trip(self, s):
        s.sendall(b"PING\r\n")
        read_exactly(s, 7)


class Mosquitto(Peer):
    name = "mosquitto"

    def start(self):
        return self.spawn("mosquitto", "-c", self.write(
            f"listener 0 {self.path}\nallow_anonymous true\nuser root\n"
            "persistence false\nlog_type error\n"))

    def connect(self):
        s = dial(self.path)
        s.sendall(b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x00\x00\x00")
        read_exactly(s, 4)
        return s

    def subscribe(self):
        s = self.connect()
        s.sendall(b"\x82\x06\x00\x01\x00\x01t\x00")
        read_exactly(s, 5)
        return s

    def publish(self, s, payload):
        rest = len(payload) + 3
        head = b"\x30" + (bytes([rest]) if rest < 128 else
                          bytes([rest % 128 | 128, rest // 128]))
        s.sendall(head + b"\x00\x01t" + payload)

    def round_trip(self, s):
        s.sendall(b"\xc0\x00")
        read_exactly(s, 2)


class Dbus(Peer):
    name = "dbus-daemon"
    FIELDS = {"path": (1, b"o"), "interface": (2, b"s"), "member": (3, b"s"),
              "destination": (6, b"s"), "signature": (8, b"g")}

    def start(self):
        return self.spawn("dbus-daemon", "--nofork", "--nopidfile", "--config-file",
                          self.write(f"""<busconfig><type>session</type>
<listen>unix:path={self.path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""))

    @classmethod
    def message(cls, kind, body=b"", **fields):
        head = b""
        for key, value in fields.items():
            code, kind_of = cls.FIELDS[key]
            head += b"\0" * (-len(head) % 8)
            head += struct.pack("<BB2s", code, 1, kind_of + b"\0")
            if kind_of == b"g":
                head += struct.pack("<B", len(value)) + value + b"\0"
            else:
                head += struct.pack("<I", len(value)) + value + b"\0"
        out = struct.pack("<cBBBIII", b"l", kind, 0, 1, len(body), 1, len(head)) + head
        return out + b"\0" * (-len(out) % 8) + body

    @classmethod
    def to_bus(cls, member, body=b"", **more):
        return cls.message(1, body, path=b"/org/freedesktop/DBus",
                           interface=b"org.freedesktop.DBus", member=member,
                           destination=b"org.freedesktop.DBus", **more)

    @staticmethod
    def receive(s):
        head = read_exactly(s, 16)
        body, _, fields = struct.unpack_from("<III", head, 4)
        read_exactly(s, fields + -fields % 8 + body)
        return head[1]

    def call(self, s, *args, **more):
        s.sendall(self.to_bus(*args, **more))
        while self.receive(s) == 4:     # signals that come between
            pass

    def connect(self):
        s = dial(self.path)
        s.sendall(b"\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode() + b"\r\n")
        if not s.recv(256).startswith(b"OK"):
            raise OSError("not let in")
        s.sendall(b"BEGIN\r\n")
        self.call(s, b"Hello")
        self.receive(s)                 # NameAcquired
        return s

    def subscribe(self):
        s = self.connect()
        rule = b"type='signal',interface='a.b'"
        self.call(s, b"AddMatch", struct.pack("<I", len(rule)) + rule + b"\0",
                  signature=b"s")
        return s

    def publish(self, s, payload):
        s.sendall(self.message(4, struct.pack("<I", len(payload)) + payload + b"\0",
                               path=b"/a", interface=b"a.b", member=b"c",
                               signature=b"s"))

    def round_trip(self, s):
        s.sendall(self.to_bus(b"GetId"))
        self.receive(s)


PEERS = (Mnpend, Dbus, Mosquitto, Redis)

# SPDX-License-Identifier: GPL-2.0-or-later
"""The bench that demo and system tests share, for use inside the guest.

A software pen on the real USB stack, the real driver, the real daemon, raw
Varlink clients. The pen's own journal is the judge: times are those of the
pen's own clock. Nothing here sleeps to let something happen; it waits for the
event itself, with a limit.
"""

import json
import os
import select
import signal
import socket
import subprocess
import threading
import time

PROJECT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
# Where it was built; elsewhere for another kind of machine.
BUILD = os.path.join(PROJECT, os.environ.get("MNPEN_BUILD", "build"))
BIN = os.path.join(BUILD, "bin")
RUN = "/run/mnpen-lab"
IFACE = "io.mnpen.Pen."
SERIAL = "MNEMU00000001"


class LabError(Exception):
    pass


def until(what, condition, limit_s=600.0, step_s=0.02):
    """Polls where the kernel offers no event (a file appears, a unit is up).

    The limit is long because virtual time runs ahead while the guest waits for
    the host's disk; the test bed's own limit is in real time.
    """
    end = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise LabError(f"waited {limit_s:.0f} s in vain: {what}")
        time.sleep(step_s)


def run(*argv, check=True, **kw):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, **kw)
    if check and done.returncode:
        raise LabError(f"{' '.join(argv)}: {done.returncode}\n{done.stdout}")
    return done


def settle_udev():
    """Before something is measured: for each new device, and a pen is several,
    udev works a while, on the only CPU that a guest in virtual time has."""
    run("udevadm", "settle", "--timeout=600")


def warm(*programs):
    """Reads programs and their libraries once, so that none of their pages is
    fetched from the host's disk while something is being measured."""
    files = set()
    for program in programs:
        path = f"{BIN}/{program}"
        files.add(path)
        for word in run("ldd", path).stdout.split():
            if word.startswith("/"):
                files.add(word)
    for path in files:
        with open(path, "rb") as f:
            while f.read(1 << 20):
                pass


class Pen:
    """The software pen's process, control socket and journal."""

    def __init__(self, serial=SERIAL, directory=RUN, transport="ffs", more=()):
        os.makedirs(directory, exist_ok=True)
        self.serial = serial
        self.journal_path = f"{directory}/{serial}.journal"
        self.control_path = f"{directory}/{serial}.control"
        warm("mnpen-emulator")
        if transport == "ffs":
            run("modprobe", "-a", "dummy_hcd", "libcomposite", "usb_f_fs")
        self.log = open(f"{directory}/{serial}.log", "w")
        self.process = subprocess.Popen(
            [f"{BIN}/mnpen-emulator", "--transport", transport, "--unplugged",
             "--serial", serial,
             "--journal", self.journal_path, "--control", self.control_path, *more],
            stdout=self.log, stderr=self.log)
        self.sock = None
        until("the software pen serves its control socket", self._connect)

    def _connect(self):
        if self.process.poll() is not None:
            raise LabError("mnpen-emulator ended: " + open(self.log.name).read())
        s = socket.socket(socket.AF_UNIX)
        try:
            s.connect(self.control_path)
        except OSError:
            s.close()
            return False
        self.sock = s
        self.reader = s.makefile("r")
        return True

    def do(self, what, **more):
        self.sock.sendall((json.dumps({"do": what, **more}) + "\n").encode())
        line = self.reader.readline()
        if not line:
            raise LabError("the software pen hung up")
        reply = json.loads(line)
        if not reply.get("ok"):
            raise LabError(f"pen refused {what}: {reply.get('error')}")
        return reply

    def mark(self, label):
        return self.do("mark", label=label)["t_us"]

    def wait_motor(self, on, limit_ms=60000):
        return self.do("wait", ev="motor", on=on, timeout_ms=limit_ms)

    def journal(self):
        with open(self.journal_path) as f:
            return [json.loads(line) for line in f if line.endswith("\n")]

    def motor_off_after(self, t_us):
        """The first motor-off line at or after t_us, or None."""
        for line in self.journal():
            if line["ev"] == "motor" and not line["on"] and line["t_us"] >= t_us:
                return line
        return None

    def motor_is_on(self):
        state = False
        for line in self.journal():
            if line["ev"] == "motor":
                state = line["on"]
        return state

    def close(self):
        try:
            self.do("quit")
            self.process.wait(10)
        except (LabError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


class RemoteError(Exception):
    def __init__(self, name, parameters):
        super().__init__(f"{name} {json.dumps(parameters)}")
        self.name = name.rsplit(".", 1)[-1]
        self.parameters = parameters


class Client:
    """A Varlink client in plain sockets: shares no code with the project."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(path)
        self.buffer = b""
        self.lock = threading.Lock()

    def send(self, method, parameters=None, **flags):
        call = {"method": method if "." in method else IFACE + method,
                "parameters": parameters or {}, **flags}
        with self.lock:
            self.sock.sendall(json.dumps(call).encode() + b"\0")

    def receive(self, limit_s=60.0):
        while b"\0" not in self.buffer:
            if not select.select([self.sock], [], [], limit_s)[0]:
                raise LabError(f"no reply within {limit_s:.0f} s")
            data = self.sock.recv(65536)
            if not data:
                raise EOFError("connection closed by the daemon")
            self.buffer += data
        frame, self.buffer = self.buffer.split(b"\0", 1)
        reply = json.loads(frame)
        if "error" in reply:
            raise RemoteError(reply["error"], reply.get("parameters", {}))
        return reply.get("parameters", {})

    def call(self, method, parameters=None, limit_s=60.0, **flags):
        self.send(method, parameters, **flags)
        return self.receive(limit_s)

    def close(self):
        self.sock.close()


class Session:
    """Control of one pen, with heartbeats, up to a prepared session."""

    def __init__(self, sockets, pen_id=SERIAL, area="cheek", concern="acne-scar",
                 depth=1000, rate=6000, planned_ms=600000, role="operate"):
        self.client = Client(f"{sockets}/{role}")
        self.pen = {"penId": pen_id}
        grant = self.client.call("AcquireControl", self.pen)
        self.period_s = grant["heartbeatMilliseconds"] / 5000
        try:
            self._begin(area, concern, depth, rate, planned_ms)
        except RemoteError:
            # Before the next one asks for control: an EOF may be seen later.
            self.client.call("ReleaseControl", self.pen)
            self.client.close()
            raise
        self.quiet = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)
        self.thread.start()

    def _begin(self, area, concern, depth, rate, planned_ms):
        catalogue = self.client.call("GetCatalogue")
        self.begun = self.client.call("BeginSession", {
            **self.pen, "area": area, "concern": concern,
            "depthMicrometres": depth, "rateStrokesPerMinute": rate,
            "plannedMilliseconds": planned_ms,
            "screening": [{"code": q["code"], "yes": False}
                          for q in catalogue["screening"]]})["session"]
        self.client.call("ConfirmPreparation", {
            **self.pen, "steps": [s["code"] for s in catalogue["preparation"]]})

    def _beat(self):
        while not self.quiet.wait(self.period_s):
            try:
                self.client.send("Heartbeat", self.pen, oneway=True)
            except OSError:
                return

    def start(self):
        return self.client.call("StartRun", self.pen)

    def end(self):
        done = self.client.call("EndSession", self.pen)
        self.client.call("ReleaseControl", self.pen)
        self.close()
        return done

    def close(self):
        self.quiet.set()
        self.client.close()


class Daemon:
    """mnpend started by hand, as on a machine without a service manager."""

    def __init__(self, directory=RUN, record=None, more=()):
        os.makedirs(directory, exist_ok=True)
        self.directory = directory
        self.more = more
        self.sockets = f"{directory}/sockets"
        self.record = record or f"{directory}/record.db"
        self.process = None

    def start(self):
        if not self.process:
            warm("mnpend")
        self.log = open(f"{self.directory}/mnpend.log", "a")
        self.process = subprocess.Popen(
            [f"{BIN}/mnpend", "--record", self.record, "--socket-dir", self.sockets,
             "--verbose", *self.more], stdout=self.log, stderr=self.log)
        until("mnpend serves", self._serves)
        return self

    def _serves(self):
        if self.process.poll() is not None:
            raise LabError("mnpend ended: " + self.tail())
        try:
            Client(f"{self.sockets}/observe").close()
        except OSError:
            return False
        return True

    def tail(self, lines=20):
        # A pen may have had its say in it, in any bytes.
        with open(f"{self.directory}/mnpend.log", errors="replace") as f:
            return "".join(f.readlines()[-lines:])

    def pens(self):
        client = Client(f"{self.sockets}/observe")
        try:
            return client.call("ListPens")["pens"]
        finally:
            client.close()

    def wait_pen(self, pen_id=SERIAL, state="idle"):
        return until(f"pen {pen_id} is {state}",
                     lambda: [p for p in self.pens()
                              if p["penId"] == pen_id and p["state"] == state])

    def kill(self, signum=signal.SIGKILL):
        self.process.send_signal(signum)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(10)


class Monitor:
    """QEMU's own control channel."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        until("QEMU's monitor answers", lambda: self._connect(path), 30)
        self.reader = self.sock.makefile("r")
        self.reader.readline()
        self.do("qmp_capabilities")

    def _connect(self, path):
        try:
            self.sock.connect(path)
            return True
        except OSError:
            return False

    def do(self, command):
        self.sock.sendall(json.dumps({"execute": command}).encode() + b"\n")
        while True:
            reply = json.loads(self.reader.readline())
            if "return" in reply:
                return
            if "error" in reply:
                raise LabError(f"{command}: {reply}")


class Tap:
    """Test Anything Protocol, with a plan at the end."""

    def __init__(self):
        self.count = self.failed = 0
        print("TAP version 13", flush=True)

    def ok(self, good, name, note=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if note:
            for line in str(note).splitlines():
                print(f"# {line}", flush=True)
        return good

    def run(self, name, function, *args):
        """One test: passes unless it raises; what it returns is a note."""
        try:
            return self.ok(True, name, function(*args) or "")
        except Exception as error:  # noqa: BLE001 - a test must not end the run
            return self.ok(False, name, f"{type(error).__name__}: {error}")

    def done(self):
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed or not self.count else 0

# SPDX-License-Identifier: GPL-2.0-or-later
"""The real daemon with a stand-in for the pen, for tests on the host.

What talks to it is the client of the guest's lab: plain sockets and JSON.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TOP, "tests", "system", "guest"))
import lab  # noqa: E402

STANDIN = os.path.join(TOP, "build", "bin", "mnpend-standin")
INTERFACE = os.path.join(TOP, "daemon", "varlink", "io.mnpen.Pen.varlink")
PEN = "STANDIN1"
ROLES = ("observe", "operate", "admin")


def before_others():
    """Daemon, stand-in and client share one real clock with a 100 ms rule: on a
    busy machine they must not wait for a processor. Without the right to, go on.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except OSError:
        pass


def expect(good, text):
    if not good:
        raise lab.LabError(str(text))


def declared():
    """The methods of the interface file, in its order."""
    with open(INTERFACE, encoding="utf-8") as f:
        return re.findall(r"^method (\w+)", f.read(), re.M)


class Daemon:
    """In a directory of its own; the context manager ends it."""

    def __init__(self, program=STANDIN, directory=None, **environment):
        self.directory = directory or tempfile.mkdtemp(prefix="mnpen-sockets-")
        self.sockets = os.path.join(self.directory, "s")
        self.record = os.path.join(self.directory, "record.db")
        self.log = open(os.path.join(self.directory, "log"), "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [program, "--record", self.record, "--socket-dir", self.sockets],
            stdout=self.log, stderr=self.log, env={**os.environ, **environment})
        lab.until("mnpend serves", self._serves, limit_s=60, step_s=0.005)
        if environment.get("MNPEN_STANDIN_US") != "0":
            self.wait("idle")   # telemetry has shown that the motor is off

    def _serves(self):
        if self.process.poll() is not None:
            with open(self.log.name, encoding="utf-8") as f:
                raise lab.LabError(f"mnpend ended: {f.read()}")
        try:
            # The last one that is bound.
            self.client("admin").close()
        except OSError:
            return False
        return True

    def client(self, role="observe"):
        return lab.Client(os.path.join(self.sockets, role))

    def rows(self, kind=None):
        client = self.client()
        rows, after = [], 0
        while True:
            page = client.call("ExportRecord", {"afterRow": after})["page"]
            rows += page["rows"]
            after = page["throughRow"]
            if page["last"]:
                break
        client.close()
        return [r for r in rows if kind in (None, r["kind"])]

    def pen(self):
        client = self.client()
        pens = client.call("ListPens")["pens"]
        client.close()
        return pens[0] if pens else None

    def wait(self, state):
        return lab.until(f"the pen is {state}", lambda: self.pen()["state"] == state,
                         limit_s=60)

    def latch_fault(self):
        self.process.send_signal(signal.SIGUSR1)

    def unplug(self):
        self.process.send_signal(signal.SIGUSR2)

    def end(self, keep=False):
        if self.process.poll() is None:
            self.process.terminate()
        status = self.process.wait(30)
        self.log.close()
        if not keep:
            shutil.rmtree(self.directory)
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def refused(name, function, *args):
    """Fails with this error; returns its parameters."""
    try:
        done = function(*args)
    except lab.RemoteError as error:
        expect(error.name == name, f"refused with {error}, expected {name}")
        return error.parameters
    raise lab.LabError(f"was not refused but answered {done}; expected {name}")

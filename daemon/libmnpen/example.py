#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client in ten lines, without the library: JSON and a NUL, both ways."""
import json
import os
import socket

with socket.socket(socket.AF_UNIX) as s:
    s.connect(os.environ.get("MNPEN_SOCKET_DIR", "/run/mnpen") + "/observe")
    s.sendall(b'{"method":"io.mnpen.Pen.ListPens"}\0')
    reply = b""
    while not reply.endswith(b"\0"):
        reply += s.recv(65536) or exit("mnpend closed the connection")
    for pen in json.loads(reply[:-1])["parameters"]["pens"]:
        print(pen["penId"], pen["state"])

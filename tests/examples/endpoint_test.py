# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: endpoint_test.py ECHO [unittest's arguments]

The examples' --listen: descriptions of endpoints.
"""

import os
import pathlib
import socket
import stat
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from clients import connect  # noqa: E402
from process import PATIENCE, Process, command_of  # noqa: E402

ECHO = None


class EndpointTest(unittest.TestCase):
    def start(self, description):
        return self.enterContext(Process([*command_of(ECHO), "--listen", description]))

    def assert_echoes(self, client):
        client.sendall(b"hello")
        self.assertEqual(client.recv(5, socket.MSG_WAITALL), b"hello")

    def test_listens_at_tcp(self):
        match = self.start("tcp:0:interface=127.0.0.1").expect(r"listening on 127\.0\.0\.1:(\d+)")
        with connect(("127.0.0.1", int(match[1]))) as client:
            self.assert_echoes(client)

    def test_listens_at_a_path(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        path = os.path.join(folder, "a:b")
        description = path.replace(":", "\\:")
        program = self.start(f"unix:{description}:mode=640")
        program.expect("listening on .*")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o640)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(path)
            self.assert_echoes(client)

    def test_points_at_what_is_wrong(self):
        for description, marks in (("tcp:http", "    ^^^^ port: no port"),
                                   ("tcp:80:color=blue", "       ^^^^^ no argument of this kind "
                                                         "of endpoint"),
                                   ("unix", "    ^ address: missing")):
            with self.subTest(description=description):
                program = self.start(description)
                self.assertEqual(program.wait(), 2)
                self.assertEqual(program.errors.rest()[:2], [description, marks])


if __name__ == "__main__":
    ECHO = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: http_load_test.py HTTP_SERVER [unittest's arguments]

The HTTP server of the examples with much to do: a client that is sent more than memory should hold,
and reads slowly; and wrk, which asks as fast as it is answered.
"""

import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from clients import connect, receive_all  # noqa: E402
from process import PATIENCE, Process, command_of  # noqa: E402

SERVER = None
HELLO = b"Hello, world\n"
DIGITS = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n"

# A Lua script for wrk: sixteen requests at a time, of different answers.
PIPELINE = """
init = function(arguments)
   local requests = {}
   for i = 1, 16 do
      requests[i] = wrk.format("GET", "/user/" .. i)
   end
   together = table.concat(requests)
end
request = function() return together end
"""


class ServerTest(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(Process([*command_of(SERVER), "--port", "0"]))
        match = self.server.expect(r"listening on ([0-9.]+):(\d+)")
        self.address = (match[1], int(match[2]))


class SlowReaderTest(ServerTest):
    SIZE = 100_000_000

    def hello(self):
        with connect(self.address) as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return receive_all(client)

    def download(self):
        """The pieces of one, from a connection that holds little."""
        client = self.enterContext(socket.socket())
        client.settimeout(PATIENCE)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        client.connect(self.address)
        client.sendall(b"GET /bytes/%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" %
                       self.SIZE)
        received = b""
        while b"\r\n\r\n" not in received:
            received += client.recv(4096)
        head, _, piece = received.partition(b"\r\n\r\n")
        self.assertIn(b"Content-Length: %d" % self.SIZE, head)
        yield piece
        while piece := client.recv(1 << 16):
            yield piece

    def test_is_sent_what_it_takes_and_no_memory_is_needed(self):
        self.assertTrue(self.hello().endswith(HELLO))
        before = self.server.most_resident_kib()
        expected = DIGITS * (2 + (1 << 16) // len(DIGITS))
        size = 0
        pauses = 0
        for piece in self.download():
            begin = size % len(DIGITS)
            self.assertTrue(expected.startswith(piece, begin), f"after {size} bytes")
            size += len(piece)
            if size // (self.SIZE // 10) > pauses:
                pauses += 1
                # Meanwhile all that is on its way comes to a stop, and others are served.
                time.sleep(0.05)
                self.assertTrue(self.hello().endswith(HELLO))
        self.assertEqual(size, self.SIZE)
        # A sanitizer and an emulator have memory of their own for what runs for the first time.
        self.assertLess(self.server.most_resident_kib() - before, 16 * 1024)


class WrkTest(ServerTest):
    # Fewer than the server has room for.
    CONNECTIONS = 6

    def wrk(self, path, *options):
        url = f"http://{self.address[0]}:{self.address[1]}{path}"
        done = subprocess.run(["wrk", "--threads", "2", "--connections", str(self.CONNECTIONS),
                               "--duration", "2s", "--timeout", f"{PATIENCE}s", *options, url],
                              capture_output=True, text=True, timeout=2 * PATIENCE)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def assert_all_were_answered(self, said):
        self.assertGreater(int(re.search(r"(\d+) requests in ", said)[1]), 0, said)
        self.assertNotIn("Socket errors", said)
        self.assertNotIn("Non-2xx", said)

    def test_is_answered(self):
        for path in "/", "/bytes/100000", "/page/":
            self.assert_all_were_answered(self.wrk(path))

    def test_is_answered_when_it_does_not_wait_for_answers(self):
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(PIPELINE)
            script.flush()
            self.assert_all_were_answered(self.wrk("/", "--script", script.name))

    def test_tells_what_is_no_answer(self):
        self.assertIn("Non-2xx", self.wrk("/nowhere"))


if __name__ == "__main__":
    SERVER = pathlib.Path(sys.argv.pop(1))
    unittest.main(verbosity=2)

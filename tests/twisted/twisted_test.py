# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: twisted_test.py BOBBIN_PEER PYTHON_WITH_TWISTED [unittest's arguments]

bobbin's receivers beside Twisted's: each as the other's server, and both as servers that are told
the same.
"""

import pathlib
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from clients import connect, random_for, seed  # noqa: E402
from process import Process, command_of  # noqa: E402

BOBBIN = None
TWISTED = None
SEED = seed()
LENGTH_MAX = 100
MESSAGES = 500
FRAMINGS = "line", "netstring", "int8", "int16", "int32"
PREFIXES = {"int8": "!B", "int16": "!H", "int32": "!I"}


def framed(framing, message):
    if framing == "line":
        return message + b"\r\n"
    if framing == "netstring":
        return b"%d:%s," % (len(message), message)
    return struct.pack(PREFIXES[framing], len(message)) + message


def wrong(framing):
    """Streams that end the connection."""
    long = bytes(LENGTH_MAX + 1)
    if framing == "line":
        return [long + b"\r\n", bytes(1000) + b"\r\n", long + b"\r", bytes(LENGTH_MAX) + b"\r\r\n"]
    if framing == "netstring":
        return [b"x", b":", b",", b"01:a,", b"00:,", b"-1:a,", b" 1:a,", b"1 :a,", b"1:ab", b"1:a;",
                b"101:" + long + b",", b"99999999999999999999:", b"0:x", b"\0"]
    return [struct.pack(PREFIXES[framing], LENGTH_MAX + 1) + long,
            b"\xff" * struct.calcsize(PREFIXES[framing])]


class TwistedTest(unittest.TestCase):
    def setUp(self):
        self.random = random_for(self, SEED)

    def serve(self, *command):
        server = self.enterContext(Process(command))
        return server, int(server.expect(r"listening on (\d+)")[1])

    def assert_all_came_back(self, *command):
        with Process(command) as client:
            client.expect(f"{MESSAGES} came back")
            self.assertEqual(client.wait(), 0, client.errors.rest())

    def end(self, server):
        server.signal(15)
        self.assertEqual(server.wait(), 0)
        self.assertEqual(server.errors.rest(), [])

    def test_twisted_asks_bobbin(self):
        for framing in FRAMINGS:
            with self.subTest(framing=framing):
                server, port = self.serve(*BOBBIN, "serve", framing)
                self.assert_all_came_back(*TWISTED, "ask", framing, port, self.random.random())
                self.end(server)

    def test_bobbin_asks_twisted(self):
        for framing in FRAMINGS:
            with self.subTest(framing=framing):
                server, port = self.serve(*TWISTED, "serve", framing, self.random.random())
                self.assert_all_came_back(*BOBBIN, "ask", framing, port,
                                          self.random.getrandbits(64))
                self.end(server)

    def answer(self, port, stream, last):
        """What comes back, until that is what `last` comes back as, or the connection ends."""
        with connect(("127.0.0.1", port)) as client:
            client.sendall(stream)
            answer = b""
            while not answer.endswith(last) and (piece := client.recv(65536)):
                answer += piece
        return answer

    def test_both_answer_the_same(self):
        for framing in FRAMINGS:
            _, ours = self.serve(*BOBBIN, "serve", framing)
            _, theirs = self.serve(*TWISTED, "serve", framing, self.random.random())
            last = framed(framing, b"the last one")
            for bad in b"", *wrong(framing):
                lengths = *self.random.choices(range(LENGTH_MAX), k=5), 0, 1, LENGTH_MAX
                good = b"".join(framed(framing, self.random.randbytes(length).replace(b"\r", b""))
                                for length in lengths)
                with self.subTest(framing=framing, bad=bad):
                    answer = self.answer(ours, good + bad + last, last)
                    self.assertEqual(answer, self.answer(theirs, good + bad + last, last))
                    self.assertEqual(answer, good if bad else good + last)


if __name__ == "__main__":
    BOBBIN = command_of(pathlib.Path(sys.argv.pop(1)).resolve())
    TWISTED = [sys.argv.pop(1), "-B", pathlib.Path(__file__).with_name("twisted_peer.py")]
    unittest.main(verbosity=2)

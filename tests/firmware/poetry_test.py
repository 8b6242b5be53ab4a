# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: poetry_test.py CALLBACK_IMAGE DEFERRED_IMAGE COROUTINE_IMAGE [unittest's arguments]

Firmware that gets two poems from this machine, in three styles: the same comes of each.
"""

import sys
import unittest

import qemu
from bad_servers import BadServers

POEMS = qemu.ROOT / "examples" / "poetry" / "poems"
IMAGES = []


class PoetryTest(unittest.TestCase):
    def setUp(self):
        self.servers = BadServers(self)

    def serve(self, poem, piece=100):
        """The port of a server that says the poem in pieces."""
        text = (POEMS / f"{poem}.txt").read_bytes()

        def say(client):
            for at in range(0, len(text), piece):
                client.sendall(text[at:at + piece])

        return self.servers.serve(say), f"from port PORT:\n{text.decode()}\n"

    def assert_gets(self, *expected):
        """Each image is given the ports, and prints what belongs to them, in any order."""
        blocks = [text.replace("PORT", str(port)).splitlines() for port, text in expected]
        guests = [self.enterContext(qemu.start(image, ready=r"which ports\?")) for image in IMAGES]
        for guest in guests:
            guest.send("".join(f"{port} " for port, _ in expected))
        for guest in guests:
            with self.subTest(image=guest.name):
                said = guest.output.rest()
                self.assertIn(said, [blocks[0] + blocks[1], blocks[1] + blocks[0]])
                self.assertEqual(guest.wait(), 0)

    def test_gets_poems(self):
        self.assert_gets(self.serve("tyger"), self.serve("science", piece=10))

    # Not of one who resets: QEMU's network makes an end in order of it, or not.
    def test_ends_when_servers_refuse_or_break_off(self):
        refused, short = self.servers.refuses, self.servers.breaks_off
        self.assert_gets((refused, "no poem from port PORT: connection refused"),
                         (short, "from port PORT:\nTyger Tyger, bur"))

    def test_ends_when_servers_are_silent_or_never_end(self):
        silent, endless = self.servers.stops_midway, self.servers.never_ends
        self.assert_gets((silent, "no poem from port PORT: timed out"),
                         (endless, "no poem from port PORT: message too long"))


if __name__ == "__main__":
    IMAGES = [sys.argv.pop(1) for _ in range(3)]
    unittest.main(verbosity=2)

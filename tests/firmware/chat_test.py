# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: chat_test.py CHAT_IMAGE [unittest's arguments]

The chat firmware, through QEMU's network.
"""

import sys
import unittest

import qemu

IMAGE = None
SLOTS = 8


class ChatTest(unittest.TestCase):
    def setUp(self):
        self.guest = self.enterContext(qemu.start(IMAGE))

    def enter(self, name):
        client = self.enterContext(self.guest.connect())
        chatter = self.enterContext(client.makefile("rwb", buffering=0))
        self.assertEqual(chatter.readline(), b"What is your name?\r\n")
        chatter.write(name + b"\r\n")
        self.assertEqual(chatter.readline(), b"Welcome, " + name + b"!\r\n")
        return chatter

    def next_said(self, chatter):
        """The next line that is not about who comes."""
        while (line := chatter.readline()).startswith(b"* "):
            pass
        return line

    def test_passes_lines_on_among_as_many_as_there_is_room_for(self):
        first, *others = (self.enter(b"guest %d" % number) for number in range(SLOTS))
        lines = [b"%d " % number + b"x" * (number % 180) + b"\r\n" for number in range(200)]
        for line in lines:
            # One at a time, byte by byte now and then, so that nobody misses any.
            for piece in (bytes([byte]) for byte in line) if len(line) < 10 else [line]:
                first.write(piece)
            for other in others:
                self.assertEqual(self.next_said(other), b"<guest 0> " + line)
        first.write(b"x" * 1000 + b"\r\n")
        for _ in others:
            self.assertRegex(first.readline(), rb"has come")
        self.assertEqual(first.readline(), b"* that was too long\r\n")
        self.assertEqual(self.guest.quit(), 0)


if __name__ == "__main__":
    IMAGE = sys.argv.pop(1)
    unittest.main(verbosity=2)

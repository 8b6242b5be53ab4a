# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: coroutines_test.py COROUTINES_IMAGE QUIZ_IMAGE [unittest's arguments]

Coroutines in firmware: on a small stack, and in a conversation.
"""

import sys
import unittest

import qemu

COROUTINES = None
QUIZ = None


class StackTest(unittest.TestCase):
    def test_a_million_awaits_fit_in_four_kibibytes(self):
        with qemu.start(COROUTINES, ready=r"1000000 awaits, frame \d+") as guest:
            lines = guest.output.rest()
            self.assertRegex(lines[0], r"^1000000 Deferreds fired already, frame \d+$")
            self.assertRegex(lines[1], r"^100000[01] turns, frame \d+$")
            self.assertEqual(lines[2], "0 left")
            self.assertEqual(guest.wait(), 0)


class QuizTest(unittest.TestCase):
    def test_converses_with_several_at_a_time(self):
        with qemu.start(QUIZ, forward=7777) as guest:
            with guest.connect() as ada, guest.connect() as bob:
                for client in ada, bob:
                    self.expect(client, b"What is your name? ")
                ada.sendall(b"Ada\r\n")
                bob.sendall(b"Bob\n")
                self.expect(ada, b"Ada, 3 x 4? ")
                self.expect(bob, b"Bob, 3 x 4? ")
                bob.sendall(b"13\n")
                self.expect(bob, b"No, 12.\nBob, 4 x 5? ")
                ada.sendall(b"12\n20\n30\n")
                self.expect(ada, b"Right.\nAda, 4 x 5? Right.\nAda, 5 x 6? Right.\n"
                                 b"3 of 3, goodbye.\n")
                self.assertEqual(ada.recv(1), b"")
            self.assertEqual(guest.quit(), 0)

    def expect(self, client, text):
        received = b""
        while len(received) < len(text) and (piece := client.recv(len(text) - len(received))):
            received += piece
        self.assertEqual(received, text)


if __name__ == "__main__":
    COROUTINES = sys.argv.pop(1)
    QUIZ = sys.argv.pop(1)
    unittest.main(verbosity=2)

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: timers_test.py TIMERS_IMAGE HEARTBEAT_IMAGE [unittest's arguments]

The firmware whose business is time.
"""

import sys
import unittest

import qemu

TIMERS = None
HEARTBEAT = None


class TimersTest(unittest.TestCase):
    def test_prints_in_order_and_ends(self):
        with qemu.start(TIMERS, ready="Start!") as guest:
            lines = guest.output.rest()
            self.assertEqual(lines, [
                "5 ...", "timer 1", "timer 2", "timer 3", "4 ...", "Hello from the past.",
                "3 ...", "2 ...", "1 ...", "Stop!"])
            self.assertEqual(guest.wait(), 0)


class HeartbeatTest(unittest.TestCase):
    def test_beats_at_once_for_each_client(self):
        with qemu.start(HEARTBEAT, forward=7777) as guest:
            for _ in range(3):
                with guest.connect() as client:
                    self.assertEqual(client.recv(100), b"*")
            self.assertEqual(guest.quit(), 0)


if __name__ == "__main__":
    TIMERS = sys.argv.pop(1)
    HEARTBEAT = sys.argv.pop(1)
    unittest.main(verbosity=2)

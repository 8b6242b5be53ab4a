# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: services_test.py SERVICES_IMAGE [unittest's arguments]

The program of services as firmware: the same tree as on a host, from `main`.
"""

import re
import sys
import unittest

import qemu
from clients import receive, receive_all

IMAGE = None


class ServicesTest(unittest.TestCase):
    def setUp(self):
        self.guest = self.enterContext(qemu.start(IMAGE, 7777, ready=r".* the program runs"))

    def said(self):
        return [re.sub(r"^[0-9.]+ \[services#\w+\] ", "", line) for line in self.guest.output.seen]

    def test_starts_in_order_and_stops_in_reverse(self):
        self.assertEqual(self.said(), [
            "echo runs", "listening on 0.0.0.0:7777", "alive", "heartbeat runs", "sensor runs",
            "supervisor runs", "the program runs"])
        with self.guest.connect() as client:
            client.sendall(b"hello")
            self.assertEqual(receive(client, 5), b"hello")
            self.guest.send("q")
            self.guest.expect(r".* the program has stopped")
            self.assertEqual(receive_all(client), b"")
        self.assertEqual(self.guest.wait(), 0)
        self.assertEqual([line for line in self.said() if line.endswith("has stopped")], [
            "sensor has stopped", "supervisor has stopped", "heartbeat has stopped",
            "echo has stopped", "the program has stopped"])

    def test_restarts_the_sensor(self):
        for _ in range(2):
            self.guest.expect(r".* sensor failed: timed out")
            self.guest.expect(r".* sensor runs")
        self.assertEqual(self.guest.quit(), 0)


if __name__ == "__main__":
    IMAGE = sys.argv.pop(1)
    unittest.main(verbosity=2)

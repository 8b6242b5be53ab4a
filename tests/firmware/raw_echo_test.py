# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: raw_echo_test.py RAW_ECHO_IMAGE [unittest's arguments]

The echo that bobbin's is measured against works: a baseline that does not is none.
"""

import sys
import unittest

import qemu
from clients import Exchange, difference, random_for, run, seed

IMAGE = None
SEED = seed()


class RawEchoTest(unittest.TestCase):
    def setUp(self):
        self.random = random_for(self, SEED)
        self.guest = self.enterContext(qemu.start(IMAGE, ready="raw echo ready"))

    def exchange(self, size):
        client = self.enterContext(self.guest.connect())
        return Exchange(client, self.random.randbytes(size), self.random)

    def assert_echoes(self, exchanges):
        run(exchanges)
        for exchange in exchanges:
            self.assertIsNone(difference(exchange.data, exchange.received))

    def test_a_mebibyte(self):
        self.assert_echoes([self.exchange(1 << 20)])

    def test_eight_connections_at_once(self):
        self.assert_echoes([self.exchange(100_000) for _ in range(8)])


if __name__ == "__main__":
    IMAGE = sys.argv.pop(1)
    unittest.main(verbosity=2)

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: baseline_test.py RAW_ECHO_IMAGE PLAIN_ECHO_IMAGE PLAIN_HTTP_IMAGE [unittest's arguments]

The images whose sizes are compared all work: a baseline that does not is none.
"""

import http.client
import sys
import unittest

import qemu
from clients import Exchange, difference, random_for, run, seed

RAW_ECHO = None
PLAIN_ECHO = None
PLAIN_HTTP = None
SEED = seed()


class EchoTest:
    """Mixed in once for each image."""

    def start(self):
        raise NotImplementedError

    def setUp(self):
        self.random = random_for(self, SEED)
        self.guest = self.enterContext(self.start())

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


class RawEchoTest(EchoTest, unittest.TestCase):
    def start(self):
        return qemu.start(RAW_ECHO, ready="raw echo ready")


class PlainEchoTest(EchoTest, unittest.TestCase):
    def start(self):
        return qemu.start(PLAIN_ECHO, ready="plain echo ready")


class PlainHttpTest(unittest.TestCase):
    def setUp(self):
        self.guest = self.enterContext(qemu.start(PLAIN_HTTP, forward=80, ready="plain http ready"))

    def client(self):
        client = http.client.HTTPConnection("127.0.0.1", timeout=60)
        client.sock = self.guest.connect()
        self.addCleanup(client.close)
        return client

    def status_and_content(self, client, path):
        client.request("GET", path)
        response = client.getresponse()
        return response.status, response.read()

    def test_answers_again_and_again(self):
        clients = [self.client() for _ in range(8)]
        for _ in range(3):
            for client in clients:
                self.assertEqual(self.status_and_content(client, "/"), (200, b"Hello, world\n"))
                self.assertEqual(self.status_and_content(client, "/other"), (404, b""))


if __name__ == "__main__":
    RAW_ECHO = sys.argv.pop(1)
    PLAIN_ECHO = sys.argv.pop(1)
    PLAIN_HTTP = sys.argv.pop(1)
    unittest.main(verbosity=2)

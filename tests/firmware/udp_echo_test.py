# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: udp_echo_test.py UDP_ECHO_IMAGE [unittest's arguments]

The UDP echo firmware, through QEMU's network.
"""

import socket
import sys
import unittest

import qemu
from clients import random_for, seed

IMAGE = None
SEED = seed()
LARGEST = 1472
ATTEMPTS = 5


class UdpEchoTest(unittest.TestCase):
    def setUp(self):
        self.guest = self.enterContext(qemu.start(IMAGE, option="--forward-udp"))
        self.random = random_for(self, SEED)
        self.asked = set()

    def client(self):
        client = self.enterContext(socket.socket(type=socket.SOCK_DGRAM))
        client.settimeout(2)
        client.connect(self.guest.address)
        return client

    def ask(self, client, datagram):
        """The answer to a datagram, which may be lost on its way and is then sent again.

        Late answers to earlier ones do not count.
        """
        for _ in range(ATTEMPTS):
            client.send(datagram)
            try:
                while (answer := client.recv(65536)) != datagram and answer in self.asked:
                    pass
                self.asked.add(datagram)
                return answer
            except socket.timeout:
                pass
        self.fail(f"no answer to {len(datagram)} bytes")

    def test_answers_datagrams_of_every_length(self):
        client = self.client()
        for length in (1, 2, 3, 4, 5, 469, 470, 471, 511, 512, 513, 1024, 1471, LARGEST):
            datagram = self.random.randbytes(length)
            with self.subTest(length=length):
                self.assertEqual(self.ask(client, datagram), datagram)
        self.assertEqual(self.guest.quit(), 0)

    def test_answers_each_where_it_came_from(self):
        clients = [self.client() for _ in range(5)]
        for _ in range(3):
            for number, client in enumerate(clients):
                datagram = b"client %d" % number
                self.assertEqual(self.ask(client, datagram), datagram)

    def test_goes_on_after_what_does_not_fit_and_after_a_burst(self):
        client = self.client()
        client.send(bytes(LARGEST + 1000))
        self.assertEqual(self.ask(client, b"after the long one"), b"after the long one")
        burst = {b"%d" % number + bytes(1000) for number in range(50)}
        self.asked |= burst
        for datagram in burst:
            client.send(datagram)
        # Some of a burst may be lost; what comes back is what was sent.
        answers = set()
        client.settimeout(0.5)
        try:
            while len(answers) < len(burst):
                answers.add(client.recv(65536))
        except socket.timeout:
            pass
        self.assertTrue(answers)
        self.assertLessEqual(answers, burst)
        client.settimeout(2)
        self.assertEqual(self.ask(client, b"after the burst"), b"after the burst")
        self.assertEqual(self.guest.quit(), 0)


if __name__ == "__main__":
    IMAGE = sys.argv.pop(1)
    unittest.main(verbosity=2)

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: echo_test.py ECHO_IMAGE [unittest's arguments]

The echo firmware in QEMU, from outside. QEMU's user network stands between. It accepts for the
guest at once, also when the guest has no room (but few at a time: the rest take a second each),
buffers some 100 KiB each way, and drops what the board's chip cannot hold. It cannot show the
guest a peer that vanishes without a FIN or a reset, nor one that goes while both directions are
full, nor late or doubled frames.
"""

import contextlib
import select
import socket
import sys
import time
import unittest

import qemu
from clients import Exchange, difference, random_for, receive, receive_all, reset, run, seed
from process import PATIENCE

IMAGE = None
SEED = seed()
SLOTS = 8


class EchoTest(unittest.TestCase):
    """One guest for all: each test leaves it as it found it."""

    @classmethod
    def setUpClass(cls):
        cls.guest = qemu.start(IMAGE)
        cls.addClassCleanup(cls.guest.kill)

    def setUp(self):
        self.random = random_for(self, SEED)
        self.open = self.enterContext(contextlib.ExitStack())

    def tearDown(self):
        self.open.close()
        self.assert_all_free()

    def client(self):
        return self.open.enter_context(self.guest.connect())

    def assert_all_free(self):
        """All slots become free, and no pool was ever used beyond what it has."""
        deadline = time.monotonic() + PATIENCE
        report = self.guest.report()
        while report["connections"].in_use > 0 and time.monotonic() < deadline:
            time.sleep(0.1)
            report = self.guest.report()
        self.assertEqual(report["connections"].in_use, 0)
        self.assertEqual(report["connections"].capacity, SLOTS)
        self.assertEqual(report["timers"].in_use, 0)
        for name, pool in report.items():
            self.assertLessEqual(pool.at_most, pool.capacity, name)

    def assert_sleeps(self, when):
        """QEMU has next to nothing to do for the guest."""
        before = self.guest.cpu_seconds()
        time.sleep(3)
        share = (self.guest.cpu_seconds() - before) / 3
        print(f"{when}: {share:.1%} of a host CPU", flush=True)
        self.assertLess(share, 0.2)

    def assert_echoes(self, exchanges):
        run(exchanges)
        for exchange in exchanges:
            self.assertIsNone(difference(exchange.data, exchange.received))

    def exchange(self, size, **options):
        return Exchange(self.client(), self.random.randbytes(size), self.random, **options)

    def assert_answers(self, client, size=1000):
        data = self.random.randbytes(size)
        client.sendall(data)
        self.assertIsNone(difference(data, receive(client, size)))

    def test_a_mebibyte(self):
        self.assert_echoes([self.exchange(1 << 20)])

    def test_small_pieces(self):
        self.assert_echoes([self.exchange(20_000, piece_max=50)])

    def test_all_slots_at_once(self):
        self.assert_echoes([self.exchange(100_000) for _ in range(SLOTS)])

    def test_those_beyond_the_slots_wait_with_what_they_sent(self):
        served = [self.client() for _ in range(SLOTS)]
        for client in served:
            self.assert_answers(client)
        data = [self.random.randbytes(4000) for _ in range(4)]
        waiting = [self.client() for _ in data]
        for client, early in zip(waiting, data):
            client.sendall(early)
        self.assertEqual(select.select(waiting, [], [], 0.5)[0], [], "served without a slot")
        self.assert_answers(self.random.choice(served))
        self.assertEqual(self.guest.report()["connections"].in_use, SLOTS)
        for client in served:
            client.close()
        for client, early in zip(waiting, data):
            self.assertIsNone(difference(early, receive(client, len(early))))
            self.assert_answers(client)

    def test_one_after_the_other_takes_the_free_slot(self):
        served = [self.client() for _ in range(SLOTS)]
        for client in served:
            self.assert_answers(client)
        self.random.shuffle(served)
        waiting = [self.client() for _ in range(4)]
        for client in waiting:
            client.sendall(b"?")
        for leaving in served[:len(waiting)]:
            leaving.close()
            ready = select.select(waiting, [], [], PATIENCE)[0]
            self.assertEqual(len(ready), 1)
            self.assertEqual(ready[0].recv(1), b"?")
            waiting.remove(ready[0])

    def test_far_more_clients_than_the_guest_can_hold(self):
        self.assert_echoes([self.exchange(5000) for _ in range(2 * SLOTS)])

    def test_a_client_that_does_not_read(self):
        deaf = self.client()
        deaf.setblocking(False)
        piece = self.random.randbytes(1 << 16)
        sent = 0
        # Until all buffers on the way are full; a guest that took everything would never end it.
        while select.select([], [deaf], [], 1)[1]:
            sent += deaf.send(piece[sent % len(piece):])
            self.assertLess(sent, 1 << 28)
        self.assert_echoes([self.exchange(50_000) for _ in range(SLOTS - 1)])
        self.assert_sleeps("with a connection that is full")
        deaf.settimeout(PATIENCE)
        deaf.shutdown(socket.SHUT_WR)
        expected = (piece * (sent // len(piece) + 1))[:sent]
        self.assertIsNone(difference(expected, receive_all(deaf)))

    def test_resets_in_the_middle(self):
        for _ in range(50):
            client = self.client()
            client.setblocking(False)
            client.send(self.random.randbytes(self.random.randint(1, 20_000)))
            if self.random.random() < 0.5:
                select.select([client], [], [], PATIENCE)
            reset(client)
        self.assert_echoes([self.exchange(50_000)])

    def test_resets_under_way(self):
        for _ in range(5):
            clients = [self.client() for _ in range(SLOTS)]
            for client in clients:
                client.setblocking(False)
                client.send(self.random.randbytes(50_000))
            self.random.shuffle(clients)
            for client in clients:
                reset(client)
        self.assert_echoes([self.exchange(50_000)])

    def test_a_slow_reader(self):
        client = socket.socket()
        self.open.enter_context(client)
        client.settimeout(PATIENCE)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(self.guest.address)
        data = self.random.randbytes(300_000)
        received = bytearray()
        unsent = memoryview(data)
        while len(received) < len(data):
            readable, writable, _ = select.select(
                [client], [client] if unsent else [], [], PATIENCE)
            self.assertTrue(readable or writable, f"stuck after {len(received)} bytes")
            if writable:
                unsent = unsent[client.send(unsent[:20_000]):]
            if readable:
                time.sleep(0.005)
                received += client.recv(2000)
        self.assertIsNone(difference(data, received))

    def test_a_half_closing_client(self):
        client = self.client()
        data = self.random.randbytes(60_000)
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        self.assertIsNone(difference(data, receive_all(client)))

    def test_clients_that_say_nothing(self):
        for _ in range(2 * SLOTS):
            client = self.client()
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(receive_all(client), b"")

    def test_short_connections_in_a_row(self):
        for _ in range(200):
            with self.guest.connect() as client:
                self.assert_answers(client, self.random.randint(1, 3000))

    def test_sleeps_when_idle(self):
        self.assert_sleeps("without connections")

    def test_sleeps_when_its_connections_do(self):
        for _ in range(SLOTS):
            self.assert_answers(self.client())
        self.assert_sleeps(f"with {SLOTS} idle connections")


class QuitTest(unittest.TestCase):
    def setUp(self):
        self.guest = self.enterContext(qemu.start(IMAGE))

    def test_idle(self):
        self.assertEqual(self.guest.quit(), 0)

    def test_with_connections_open(self):
        clients = [self.enterContext(self.guest.connect()) for _ in range(SLOTS)]
        for client in clients:
            client.sendall(b"hello")
            self.assertEqual(receive(client, 5), b"hello")
        self.assertEqual(self.guest.quit(), 0)


if __name__ == "__main__":
    IMAGE = sys.argv.pop(1)
    unittest.main(verbosity=2)

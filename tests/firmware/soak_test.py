# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: soak_test.py SOAK_IMAGE [unittest's arguments]

An hour of echo load on eight connections: as many messages as an hour has at one a second on each,
sent as fast as they are echoed, which takes a minute or two. BOBBIN_SOAK_HOURS makes it more. Each
connection lives for a minute of them; then it ends and another comes. Every byte is checked, and
between the tenths of the whole, when all have gone, that everything is free.
"""

import os
import sys
import threading
import time
import unittest

import qemu
from clients import difference, random_for, receive, receive_all, reset, seed
from process import PATIENCE

IMAGE = None
SEED = seed()
HOURS = float(os.environ.get("BOBBIN_SOAK_HOURS", "1"))
SLOTS = 8
MESSAGES = round(3600 * HOURS)
IN_ONE_CONNECTION = 60
MESSAGE_MAX = 1500
TENTHS = 10
# Of lwIP, for what is over to be freed: the last acknowledgements, or TIME_WAIT.
REST = 180


class Client(threading.Thread):
    """One connection after the other, until so many messages have come back."""

    def __init__(self, guest, messages, rng, connecting, all_served):
        super().__init__(daemon=True)
        self._guest = guest
        self._messages = messages
        self._random = rng
        self._connecting = connecting
        self._all_served = all_served
        self.trouble = None
        self.connections = 0

    def run(self):
        try:
            while self._messages > 0:
                self._use_connection(min(self._messages, IN_ONE_CONNECTION))
        except (OSError, AssertionError, threading.BrokenBarrierError) as reason:
            self.trouble = reason

    def _use_connection(self, messages):
        with self._connecting:
            client = self._guest.connect()
        self.connections += 1
        with client:
            while messages > 0:
                count = min(messages, self._random.choice((1, 1, 1, 4)))
                self._exchange(client, count)
                messages -= count
                self._messages -= count
                self._wait_for_others()
            self._end(client)

    def _wait_for_others(self):
        """Once, so that all slots are in use at a time, however quick or slow the machine is."""
        if self._all_served is not None:
            self._all_served.wait(PATIENCE)
            self._all_served = None

    def _exchange(self, client, count):
        """So many messages in one go, and all of them back."""
        data = self._random.randbytes(
            sum(self._random.randint(1, MESSAGE_MAX) for _ in range(count)))
        client.sendall(data)
        if trouble := difference(data, receive(client, len(data))):
            raise AssertionError(trouble)

    def _end(self, client):
        match self._random.randrange(4):
            case 0:
                client.close()
            case 1:
                reset(client)
            case 2:
                client.sendall(self._random.randbytes(MESSAGE_MAX))
                reset(client)
            case 3:
                data = self._random.randbytes(MESSAGE_MAX)
                client.sendall(data)
                client.shutdown(1)
                if trouble := difference(data, receive_all(client)):
                    raise AssertionError(trouble)


class SoakTest(unittest.TestCase):
    def setUp(self):
        self.guest = self.enterContext(qemu.start(IMAGE))
        self.random = random_for(self, SEED)
        self.connecting = threading.Lock()

    def run_tenth(self):
        messages = -(-MESSAGES // TENTHS)
        all_served = threading.Barrier(SLOTS)
        clients = [Client(self.guest, messages, self.random_child(), self.connecting,
                          all_served)
                   for _ in range(SLOTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        self.assertEqual([client.trouble for client in clients], [None] * SLOTS)
        return sum(client.connections for client in clients)

    def random_child(self):
        return type(self.random)(self.random.random())

    def in_use(self, report):
        return {name: pool.in_use for name, pool in report.items()}

    def report_at_rest(self, wanted):
        deadline = time.monotonic() + REST + PATIENCE
        while True:
            report = self.guest.report()
            if self.in_use(report) == wanted or time.monotonic() > deadline:
                self.assertEqual(self.in_use(report), wanted, "something was not given back")
                return report
            time.sleep(0.2)

    def test_all_is_echoed_and_given_back(self):
        before = self.in_use(self.guest.report())
        first = None
        connections = 0
        for _ in range(TENTHS):
            connections += self.run_tenth()
            last = self.report_at_rest(before)
            first = first or last
        for name in ("connections", "timers"):
            self.assertEqual(first[name].at_most, last[name].at_most, name)
        for name, pool in last.items():
            self.assertLessEqual(pool.at_most, pool.capacity, name)
        self.assertEqual(last["connections"].at_most, SLOTS)
        print(f"{SLOTS * MESSAGES} messages on {connections} connections", flush=True)
        self.assertEqual(self.guest.quit(), 0)


class IdleTest(unittest.TestCase):
    """How often the board wakes up, by its own clock."""

    def setUp(self):
        self.guest = self.enterContext(qemu.start(IMAGE))

    def woken(self):
        self.guest.send("r")
        match = self.guest.expect(r"woke (\d+) times in (\d+) us")
        return int(match[1]), int(match[2])

    def assert_wakes_at_most(self, times_a_second, when):
        times, start = self.woken()
        time.sleep(5)
        more, end = self.woken()
        rate = (more - times) / ((end - start) / 1e6)
        print(f"{when}: woke {rate:.1f} times a second", flush=True)
        # And some for the console itself and for QEMU's own frames.
        self.assertLessEqual(more - times, times_a_second * (end - start) / 1e6 + 10)

    def test_without_connections(self):
        # For ARP's timer, and a look every 0.67 s where SysTick reaches no farther.
        self.assert_wakes_at_most(2.5, "without connections")

    def test_with_idle_connections(self):
        for _ in range(SLOTS):
            client = self.enterContext(self.guest.connect())
            client.sendall(b"?")
            self.assertEqual(receive(client, 1), b"?")
        self.assert_wakes_at_most(5, "with eight idle connections")


if __name__ == "__main__":
    IMAGE = sys.argv.pop(1)
    unittest.main(verbosity=2)

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: posting_test.py POSTING_IMAGE [unittest's arguments]

Calls that two interrupts post, each 10,000 times a second and one inside the other, while the guest
echoes: none is lost, those of each come in their order.
"""

import sys
import unittest

import qemu
from clients import Exchange, difference, random_for, run, seed

IMAGE = None
SEED = seed()
POSTER = r"posted (\d+) refused (\d+) ran (\d+) out of order (\d+) wrong context (\d+)"
TIMES = r"nested (\d+) microseconds (\d+)"
RATE = 10_000  # of each, in a second of the board's own clock


class PostingTest(unittest.TestCase):
    def report(self, guest):
        guest.send("r")
        return [[int(n) for n in guest.expect(line).groups()] for line in (POSTER, POSTER, TIMES)]

    def echo(self, guest, rng):
        exchanges = [Exchange(guest.connect(), rng.randbytes(100_000), rng) for _ in range(8)]
        run(exchanges)
        for exchange in exchanges:
            self.assertIsNone(difference(exchange.data, exchange.received))
            exchange.client.close()

    def test_while_it_echoes(self):
        rng = random_for(self, SEED)
        with qemu.start(IMAGE, ready="posting") as guest:
            before = self.report(guest)[0][0]
            # However fast the traffic is, and however slow the machine.
            while self.report(guest)[0][0] < before + 10_000:
                self.echo(guest, rng)
            guest.send("s")
            self.report(guest)  # the last call may have been posted right before
            *posters, (nested, length_us) = self.report(guest)
            due = length_us * RATE // 1_000_000
            print(f"{posters}, {due} due, {nested} nested", flush=True)
            self.assertGreater(nested, 0)
            for posted, refused, ran, out_of_order, wrong_context in posters:
                self.assertEqual((ran, out_of_order, wrong_context), (posted, 0, 0))
                # Those refused were told so, and are not lost.
                self.assertLess(10 * refused, posted)
                # Ticks that come while this machine lets QEMU wait fall on one another.
                self.assertLessEqual(posted + refused, due + 1)
                self.assertGreater(posted + refused, due // 10)


if __name__ == "__main__":
    IMAGE = sys.argv.pop(1)
    unittest.main(verbosity=2)

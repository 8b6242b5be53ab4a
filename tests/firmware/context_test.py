# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: context_test.py CONTEXT_IMAGE [unittest's arguments]

In a build that asserts who calls, an interrupt that calls what is not for interrupts ends the
program, with a report.
"""

import sys
import unittest

import qemu

IMAGE = None


class ContextTest(unittest.TestCase):
    def test_an_interrupt_may_post(self):
        with qemu.start(IMAGE, ready="ready") as guest:
            guest.send("p")
            guest.expect("called")
            guest.expect("posted")

    def test_an_interrupt_may_call_nothing_else(self):
        for kind in "las":
            with self.subTest(kind), qemu.start(IMAGE, ready="ready") as guest:
                guest.send(kind)
                report = " ".join(guest.output.rest())
                self.assertRegex(report, r"HardFault pc 0x.* cfsr 0x00010000")
                self.assertNotIn("called", report)
                self.assertEqual(guest.wait(), 1)


if __name__ == "__main__":
    IMAGE = sys.argv.pop(1)
    unittest.main(verbosity=2)

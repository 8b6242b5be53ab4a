# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: faults_test.py FAULTS_IMAGE [unittest's arguments]

A program that breaks says how on the console and ends with status 1; none goes on.
"""

import re
import sys
import unittest

import qemu

IMAGE = None


class FaultsTest(unittest.TestCase):
    def assert_reports(self, kind, pattern):
        with qemu.start(IMAGE, ready=r"which fault\?") as guest:
            guest.send(kind)
            report = " ".join(guest.output.rest())
            self.assertIsNotNone(re.search(pattern, report), report)
            self.assertEqual(guest.wait(), 1)

    def test_a_stack_that_overflows(self):
        self.assert_reports("s", r"(UsageFault|MemManage) stack overflow sp 0x")

    def test_a_division_by_zero(self):
        self.assert_reports("d", r"UsageFault pc 0x.* cfsr 0x02000000")

    def test_a_write_to_where_nothing_is(self):
        self.assert_reports("w", r"BusFault pc 0x.* address 0x90000000")


if __name__ == "__main__":
    IMAGE = sys.argv.pop(1)
    unittest.main(verbosity=2)

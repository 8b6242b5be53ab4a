# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: unhandled_test.py PROGRAM PROGRAM_WITH_A_HOOK [unittest's arguments]

A program of a host is not silent of failures that it did not handle.
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from process import PATIENCE, command_of  # noqa: E402

PROGRAM, WITH_HOOK = sys.argv[1:3]

SOURCE = r"\S*unhandled_program\.cpp:\d+"


def run(program, what, **options):
    return subprocess.run([*command_of(program), what], timeout=PATIENCE, **options)


class Unhandled(unittest.TestCase):
    def says(self, program, what):
        ended = run(program, what, capture_output=True, text=True)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(ended.stdout, "")
        return ended.stderr

    def test_is_told_of_on_standard_error(self):
        self.assertRegex(
            self.says(PROGRAM, "unhandled"),
            rf"\Abobbin: nobody handled a failure: the reed is broken, from {SOURCE}\n\Z")

    def test_is_not_told_of_when_it_was_handled(self):
        self.assertEqual(self.says(PROGRAM, "handled"), "")

    def test_goes_to_the_log_of_an_application_instead(self):
        line = self.says(PROGRAM, "application")
        self.assertRegex(line, rf"\A.*nobody handled the reed is broken, from {SOURCE}.*\n\Z")
        self.assertFalse(re.match("bobbin: ", line), line)

    def test_goes_to_standard_error_again_when_that_has_gone(self):
        first, second = self.says(PROGRAM, "after-application").splitlines()
        self.assertRegex(first, "nobody handled the reed is broken")
        self.assertRegex(second, rf"^bobbin: nobody handled a failure: timed out, from {SOURCE}$")

    def test_is_the_programs_affair_if_it_has_a_hook(self):
        self.assertEqual(self.says(WITH_HOOK, "unhandled"), "own: reed\n")
        self.assertEqual(self.says(WITH_HOOK, "application"), "own: reed\n")

    def test_ends_no_program_whose_standard_error_nobody_reads(self):
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "wb") as broken:
            self.assertEqual(run(PROGRAM, "unhandled", stderr=broken).returncode, 0)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])

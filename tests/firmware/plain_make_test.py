# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: plain_make_test.py PROJECT LWIP SOURCES [unittest's arguments]

A project that is built by make finds all that CMake builds: SOURCES is its list, with commas.
"""

import pathlib
import subprocess
import sys
import unittest

PROJECT = LWIP = None
SOURCES = []


def make(target):
    folder = PROJECT / "tests/package/plain_make"
    return subprocess.run(["make", "--no-print-directory", "-C", folder, target,
                           f"BOBBIN={PROJECT}", f"LWIP={LWIP}"],
                          check=True, capture_output=True, text=True, timeout=300).stdout


class PlainMakeTest(unittest.TestCase):
    def test_compiles_what_cmake_does(self):
        here = {pathlib.Path(line) for line in make("sources").split()}
        self.assertEqual(here, {pathlib.Path(source) for source in SOURCES})

    def test_finds_the_headers(self):
        self.assertIn("program.cpp", make("check"))


if __name__ == "__main__":
    PROJECT, LWIP = map(pathlib.Path, sys.argv[1:3])
    SOURCES = sys.argv[3].split(",")
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""What the tests of the poetry programs have in common."""

import os
import pathlib
import signal
import subprocess
import sys
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "support"))

from process import PATIENCE, Process  # noqa: E402

POEMS = TESTS.parent / "examples" / "poetry" / "poems"
TYGER, SCIENCE, KING = (POEMS / f"{name}.txt" for name in ("tyger", "science", "ozymandias"))
STYLES = "callback", "deferred", "coroutine"

# Where no name server answers, a name that nobody has is given up soon.
os.environ["RES_OPTIONS"] = "timeout:1 attempts:1"


class Poetry(unittest.TestCase):
    """A test of the poetry programs."""

    examples = None  # the folder with the programs

    def start(self, name, *arguments):
        """The server, ready: it has printed its first line."""
        program = self.enterContext(Process([self.examples / name, *arguments, "--port", "0"]))
        match = program.expect(r"listening on 127\.0\.0\.1:(\d+)")
        self.assertEqual(program.output.seen, [match[0]], "not the first line")
        program.port = int(match[1])
        return program

    def slow(self, poem, piece=100, delay=0.01):
        return self.start("poetry_slow_server", poem, "--num-bytes", piece, "--delay", delay)

    def run_client(self, *arguments, name="poetry_client"):
        """What it prints, what it says, and its exit status, which it must come to."""
        done = subprocess.run([self.examples / name, *map(str, arguments)], capture_output=True,
                              timeout=PATIENCE, check=False)
        return done.stdout, done.stderr.decode(), done.returncode

    def assert_ends_well(self, program, number=signal.SIGTERM):
        program.signal(number)
        self.assertEqual(program.wait(), 0)
        self.assertEqual(program.errors.rest(), [])

    def assert_refused(self, name, arguments):
        with self.subTest(name=name, arguments=arguments):
            output, errors, status = self.run_client(*arguments, name=name)
            self.assertEqual((output, status), (b"", 2))
            self.assertRegex(errors, r"(?m)^usage: \S+ ")


def main():
    Poetry.examples = pathlib.Path(sys.argv.pop(1)).resolve() / "examples"
    unittest.main(verbosity=2)

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""What the tests of the poetry programs have in common."""

import pathlib
import signal
import socket
import subprocess
import sys
import threading
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "support"))

from clients import receive_all, reset  # noqa: E402
from process import PATIENCE, Process  # noqa: E402

POEMS = TESTS.parent / "examples" / "poetry" / "poems"
TYGER, SCIENCE, KING = (POEMS / f"{name}.txt" for name in ("tyger", "science", "ozymandias"))
STYLES = "callback", "deferred", "coroutine"


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


class BadServers:
    """Servers of every kind of badness; each is the port of one."""

    def __init__(self, test):
        self._test = test
        # A port that nobody listens at but that nobody else gets either.
        held = test.enterContext(socket.socket())
        held.bind(("127.0.0.1", 0))
        self.refuses = held.getsockname()[1]
        self.is_silent = self._serve(receive_all)
        self.resets = self._serve(reset)
        self.resets_midway = self._serve(self._reset_midway)
        self.breaks_off = self._serve(lambda client: client.sendall(b"Tyger Tyger, bur"))
        self.stops_midway = self._serve(
            lambda client: (client.sendall(b"Tyger Tyger, bur"), receive_all(client)))
        self.never_ends = self._serve(lambda client: client.sendall(b"and on\n" * 1_000_000))
        self.says_nothing = self._serve(lambda client: None)

    def _serve(self, behave):
        server = self._test.enterContext(socket.create_server(("127.0.0.1", 0)))

        def one(client):
            with client:
                try:
                    behave(client)
                except OSError:
                    pass

        def serve():
            while True:
                try:
                    client = server.accept()[0]
                except OSError:
                    return
                threading.Thread(target=one, args=(client,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        # Closing alone would not wake who accepts.
        self._test.addCleanup(server.shutdown, socket.SHUT_RDWR)
        return server.getsockname()[1]

    @staticmethod
    def _reset_midway(client):
        client.sendall(b"Tyger Tyger, burning bright,\nIn the")
        reset(client)


def main():
    Poetry.examples = pathlib.Path(sys.argv.pop(1)).resolve() / "examples"
    unittest.main(verbosity=2)

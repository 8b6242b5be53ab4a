# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: tap_test.py TAP_PROGRAM [unittest's arguments]

lwIP against the kernel's TCP, over a TAP interface in a network namespace of its own. Ends with
status 77, and says why, where that is not permitted.
"""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from clients import Exchange, difference, random_for, receive, reset, run, seed  # noqa: E402
from process import PATIENCE, Process, command_of  # noqa: E402

PROGRAM = None
SEED = seed()
LWIP = ("10.9.0.2", 7)
KERNEL = "10.9.0.1"
INSIDE = "BOBBIN_TAP_TEST_INSIDE"
SKIPPED = 77
NO_TAP = 77  # the program's own status


class TapTest(unittest.TestCase):
    def setUp(self):
        self.random = random_for(self, SEED)
        self.lwip = self.enterContext(Process(command_of(PROGRAM)))
        self.lwip.expect("listening on 7")
        self.at_first = self.pools()
        self.open = self.enterContext(contextlib.ExitStack())

    def tearDown(self):
        """It still serves, and everything is given back."""
        self.command("lose 0")
        self.assert_echoes(1000)
        self.open.close()
        deadline = time.monotonic() + 3 * PATIENCE
        while self.pools() != self.at_first and time.monotonic() < deadline:
            time.sleep(0.2)
        self.assertEqual(self.pools(), self.at_first)
        self.command("quit")
        self.assertEqual(self.lwip.wait(), 0)

    def command(self, text):
        self.lwip.send(text + "\n")

    def pools(self):
        """What is in use, of the server's connections and of lwIP's pools."""
        before = len(self.lwip.output.seen)
        self.command("report")
        self.lwip.expect("end of report")
        return [line for line in self.lwip.output.seen[before:] if "in use" in line]

    def connect(self):
        return self.open.enter_context(socket.create_connection(LWIP, timeout=PATIENCE))

    def exchange(self, client, size):
        return Exchange(client, self.random.randbytes(size), self.random, piece_max=65536)

    def assert_echoed(self, exchanges):
        run(exchanges)
        for exchange in exchanges:
            self.assertIsNone(difference(exchange.data, exchange.received))

    def assert_echoes(self, size, clients=1):
        self.assert_echoed([self.exchange(self.connect(), size) for _ in range(clients)])

    def accepted(self):
        """A connection that lwIP made to the kernel."""
        with socket.create_server((KERNEL, 0)) as listener:
            listener.settimeout(PATIENCE)
            self.command(f"connect {listener.getsockname()[1]}")
            client, _ = listener.accept()
        return self.open.enter_context(client)

    def test_megabytes_from_a_kernel_client(self):
        self.assert_echoes(4 << 20)

    def test_megabytes_from_a_kernel_server(self):
        self.assert_echoed([self.exchange(self.accepted(), 4 << 20)])

    def test_eight_clients_at_once(self):
        self.assert_echoes(300_000, clients=8)

    def test_from_a_kernel_client_over_a_wire_that_loses_frames(self):
        self.command("lose 50")
        self.assert_echoes(300_000)

    def test_from_a_kernel_server_over_a_wire_that_loses_frames(self):
        self.command("lose 50")
        self.assert_echoed([self.exchange(self.accepted(), 300_000)])

    def test_a_client_that_ends_its_side_before_it_reads(self):
        client = self.connect()
        data = self.random.randbytes(5000)
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        time.sleep(0.1)
        self.assertIsNone(difference(data, receive(client, len(data) + 1)))

    def test_clients_that_reset(self):
        for size in (0, 1, 5000, 100_000):
            client = self.connect()
            client.setblocking(False)
            if size:
                client.send(self.random.randbytes(size))
            reset(client)

    def test_a_server_that_resets(self):
        server = self.accepted()
        server.sendall(b"hello")
        self.assertEqual(receive(server, 5), b"hello")
        reset(server)
        self.lwip.expect(".*lost.*|.*reset.*")

    def test_a_port_nobody_listens_on(self):
        with socket.create_server((KERNEL, 0)) as listener:
            port = listener.getsockname()[1]
        self.command(f"connect {port}")
        self.lwip.expect(".*refused.*")

    def test_a_cable_pulled_while_data_flows(self):
        client = self.connect()
        client.sendall(b"before")
        self.assertEqual(receive(client, 6), b"before")
        self.command("out")
        data = self.random.randbytes(100_000)
        client.settimeout(0.5)
        sent = client.send(data[:20_000])
        time.sleep(0.5)
        self.command("in")
        client.settimeout(PATIENCE)
        self.assertIsNone(difference(data[:sent], receive(client, sent)))


def obstacle(program):
    """What keeps the tests from running here; None if nothing does. A program that does not work is
    no obstacle but a failure."""
    if not shutil.which("unshare"):
        return "there is no unshare(1)"
    bare = probe("true")
    if bare.returncode != 0:
        return f"no network namespace here: {bare.stderr.strip()}"
    ours = probe(*command_of(program))
    if ours.returncode == NO_TAP:
        return f"no TAP interface here: {ours.stderr.strip()}"
    if ours.returncode != 0:
        sys.exit(f"{program} ended with status {ours.returncode}: {ours.stderr.strip()}")
    return None


def probe(*command):
    return subprocess.run(["unshare", "-rn", *command], input="quit\n", text=True,
                          capture_output=True, timeout=PATIENCE, check=False)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    if INSIDE not in os.environ:
        why = obstacle(PROGRAM)
        if why:
            print(f"skipped: {why}")
            sys.exit(SKIPPED)
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "-rn", sys.executable, "-B", *sys.argv])
    sys.argv.pop(1)
    unittest.main(verbosity=2)

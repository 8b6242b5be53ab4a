# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: poetry_transform_test.py BUILD_FOLDER [unittest's arguments]

The transform server and client, and the client that blocks.
"""

import signal
import socket
import threading

from poetry import SCIENCE, TYGER, Poetry, main

from bad_servers import BadServers
from clients import connect, random_for, receive_all, reset, seed
from process import PATIENCE, Process

SEED = seed()
CUMMINGS = b"27:cummingsify.HERE IS MY POEM,"
POEM = b"15:here is my poem,"


class TransformServerTest(Poetry):
    def setUp(self):
        self.server = self.start("poetry_transform_server")

    def answer(self, *pieces):
        """What the server says until it ends."""
        with connect(("127.0.0.1", self.server.port)) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in pieces:
                client.sendall(piece)
            return receive_all(client)

    def test_transforms_and_closes(self):
        self.assertEqual(self.answer(CUMMINGS), POEM)
        self.assertEqual(self.answer(b"14:shout.Be Quiet,"), b"8:BE QUIET,")
        self.assertEqual(self.answer(b"12:cummingsify.,"), b"0:,")

    def test_byte_by_byte(self):
        self.assertEqual(self.answer(*(bytes([byte]) for byte in CUMMINGS)), POEM)

    def test_refuses_what_it_does_not_understand(self):
        for request in (b"14:HERE IS NO DOT,", b"9:nothing.A,", b"2:.A,", b"5:lower,", b"3:a.B;",
                        b"03:a.B,", b"x", b"99999999:", b"65554:"):
            with self.subTest(request=request):
                self.assertEqual(self.answer(request), b"")

    def test_the_longest_poem(self):
        poem = random_for(self, SEED).randbytes(64 * 1024)
        request = b"shout." + poem
        self.assertEqual(self.answer(b"%d:%s," % (len(request), request)),
                         b"%d:%s," % (len(poem), poem.upper()))

    def test_many_at_a_time(self):
        clients = [self.enterContext(connect(("127.0.0.1", self.server.port))) for _ in range(100)]
        for client in clients:
            client.sendall(CUMMINGS)
        for client in clients:
            self.assertEqual(receive_all(client), POEM)

    def test_goes_on_after_a_reset_and_ends_on_signals(self):
        for number in signal.SIGTERM, signal.SIGINT:
            client = connect(("127.0.0.1", self.server.port))
            client.sendall(CUMMINGS[:10])
            reset(client)
            self.assertEqual(self.answer(CUMMINGS), POEM)
            self.assert_ends_well(self.server, number)
            self.setUp()

    def test_refuses_bad_arguments(self):
        for arguments in ["--port"], ["file"], ["--nonsense", "1"]:
            self.assert_refused("poetry_transform_server", arguments)


class TransformClientTest(Poetry):
    def transform(self, *arguments):
        return self.run_client(*arguments, name="poetry_transform_client")

    def test_prints_poems_as_they_have_become(self):
        transformer, slow = self.start("poetry_transform_server"), self.slow(TYGER)
        fast = self.start("poetry_server", SCIENCE)
        self.assertEqual(self.transform(transformer.port, slow.port, fast.port), (
            SCIENCE.read_bytes().lower() + TYGER.read_bytes().lower(), "", 0))
        self.assertEqual(self.transform("--transform=shout", transformer.port, fast.port),
                         (SCIENCE.read_bytes().upper(), "", 0))

    def test_prints_them_as_they_are_where_that_fails(self):
        bad, fast = BadServers(self), self.start("poetry_server", SCIENCE)
        for transformer, why in ((bad.refuses, "connection refused"), (bad.resets, "connection .*"),
                                 (bad.is_silent, "timed out"),
                                 (bad.says_nothing, "connection .*"),
                                 (bad.breaks_off, "connection .*"),
                                 (bad.stops_midway, "connection closed cleanly")):
            with self.subTest(why=why):
                output, errors, status = self.transform("--timeout", "4", transformer, fast.port)
                self.assertEqual((output, status), (SCIENCE.read_bytes(), 1))
                self.assertRegex(errors, fr"\ACummingsify failed! {why}\n\Z")

    def test_servers_with_names(self):
        transformer, fast = (self.start("poetry_transform_server"),
                             self.start("poetry_server", SCIENCE))
        output, errors, status = self.transform(
            f"localhost:{transformer.port}", f"localhost:{fast.port}", "no.such.invalid:10001")
        self.assertEqual((output, status), (SCIENCE.read_bytes().lower(), 1))
        self.assertRegex(errors, r"\AThe poem download failed: no.such.invalid:10001: .*\n\Z")
        output, errors, status = self.transform("no.such.invalid:10001", fast.port)
        self.assertEqual((output, status), (SCIENCE.read_bytes(), 1))
        self.assertRegex(errors, r"\ACummingsify failed! .*\n\Z")

    def test_a_transform_nobody_knows(self):
        transformer, fast = (self.start("poetry_transform_server"),
                             self.start("poetry_server", SCIENCE))
        output, _, status = self.transform("--transform", "prose", transformer.port, fast.port)
        self.assertEqual((output, status), (SCIENCE.read_bytes(), 1))

    def test_a_poem_that_cannot_be_had_leaves_others_alone(self):
        bad, transformer = BadServers(self), self.start("poetry_transform_server")
        fast = self.start("poetry_server", SCIENCE)
        for port, why in ((bad.refuses, "connection refused"), (bad.resets_midway, ".* lost"),
                          (bad.stops_midway, "timed out"), (bad.never_ends, "message too long")):
            with self.subTest(why=why):
                output, errors, status = self.transform("--timeout", 4, transformer.port, port,
                                                        fast.port)
                self.assertEqual((output, status), (SCIENCE.read_bytes().lower(), 1))
                self.assertRegex(
                    errors, fr"\AThe poem download failed: 127.0.0.1:{port}: {why}\n\Z")

    def test_ends_on_signals(self):
        bad = BadServers(self)
        for number in signal.SIGTERM, signal.SIGINT:
            with Process([self.examples / "poetry_transform_client", "1", bad.is_silent,
                          bad.refuses]) as program:
                program.errors.next()
                program.signal(number)
                self.assertEqual(program.wait(), 1)

    def test_refuses_bad_arguments(self):
        for arguments in ([], ["1"], ["1", "localhost"], ["1", "2", "--transform", "x" * 17],
                          ["1"] * 18):
            self.assert_refused("poetry_transform_client", arguments)


class BlockingClientTest(Poetry):
    def test_gets_one_poem_after_the_other(self):
        slow, fast = self.slow(TYGER), self.start("poetry_server", SCIENCE)
        self.assertEqual(self.run_client(slow.port, fast.port, name="poetry_blocking_client"),
                         (TYGER.read_bytes() + SCIENCE.read_bytes(), "", 0))

    def test_gets_poems_from_servers_with_names(self):
        fast = self.start("poetry_server", SCIENCE)
        output, errors, status = self.run_client("no.such.invalid:10001", f"localhost:{fast.port}",
                                                 name="poetry_blocking_client")
        self.assertEqual((output, status), (SCIENCE.read_bytes(), 1))
        self.assertRegex(errors, r"\Ano poem from no.such.invalid:10001: .*\n\Z")

    def test_gets_poems_over_ip6_too(self):
        try:
            server = socket.create_server(("::1", 0), family=socket.AF_INET6)
        except OSError as error:
            self.skipTest(f"this machine has no ::1: {error}")

        def recite():
            client, _ = server.accept()
            with client:
                client.sendall(b"a poem\n")

        with server:
            server.settimeout(PATIENCE)
            reciting = threading.Thread(target=recite, daemon=True)
            reciting.start()
            port = server.getsockname()[1]
            self.assertEqual(self.run_client(f"[::1]:{port}", name="poetry_blocking_client"),
                             (b"a poem\n", "", 0))
            reciting.join()

    def test_ends_with_every_server(self):
        bad, fast = BadServers(self), self.start("poetry_server", SCIENCE)
        ports = (bad.refuses, bad.resets_midway, bad.stops_midway, bad.is_silent, bad.never_ends)
        output, errors, status = self.run_client("--timeout", 2, *ports, fast.port,
                                                 name="poetry_blocking_client")
        self.assertEqual((output, status), (SCIENCE.read_bytes(), 1))
        for port, line in zip(ports, errors.splitlines(), strict=True):
            self.assertIn(f"no poem from 127.0.0.1:{port}: ", line)

    def test_refuses_bad_arguments(self):
        for arguments in [], ["x"], ["1", "--timeout", "x"], ["1", "--style", "callback"]:
            self.assert_refused("poetry_blocking_client", arguments)


if __name__ == "__main__":
    main()

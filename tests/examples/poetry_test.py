# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: poetry_test.py BUILD_FOLDER [unittest's arguments]

The poetry programs with each other, and with servers and clients that behave badly.
"""

import concurrent.futures
import contextlib
import itertools
import pathlib
import signal
import socket
import tempfile
import time

from poetry import POEMS, SCIENCE, STYLES, TYGER, Poetry, main

from bad_servers import BadServers
from clients import connect, random_for, receive, receive_all, reset, seed
from process import Process

SEED = seed()


class ServerTest(Poetry):
    def test_reads_a_poem_to_many(self):
        for program in self.start("poetry_server", TYGER), self.slow(TYGER):
            address = "127.0.0.1", program.port
            clients = [self.enterContext(connect(address)) for _ in range(100)]
            for client in clients:
                self.assertEqual(receive_all(client), TYGER.read_bytes())
            self.assert_ends_well(program)

    def test_rests_behind_each_piece(self):
        program = self.slow(TYGER, piece=100, delay=0.02)
        with connect(("127.0.0.1", program.port)) as client:
            began = time.monotonic()
            poem = receive_all(client)
            pieces = [len(poem[at:at + 100]) for at in range(0, len(poem), 100)]
            self.assertGreaterEqual(time.monotonic() - began, (len(pieces) - 1) * 0.02)
        program.expect("Somebody has left: .*")
        self.assertRegex(program.output.seen[1], r"Somebody at 127\.0\.0\.1:\d+ wants poetry!")
        self.assertEqual(program.output.seen[2:-1],
                         [f"Sending {piece} bytes" for piece in pieces])

    def test_reads_on_to_who_has_nothing_to_say(self):
        for program in self.start("poetry_server", TYGER), self.slow(TYGER):
            with connect(("127.0.0.1", program.port)) as client:
                client.shutdown(socket.SHUT_WR)
                self.assertEqual(receive_all(client), TYGER.read_bytes())

    def test_a_poem_larger_than_any_buffer(self):
        with self.a_file(64 * 1024) as poem:
            program = self.start("poetry_server", poem)
            with connect(("127.0.0.1", program.port)) as client:
                self.assertEqual(receive_all(client), poem.read_bytes())

    def test_who_leaves_or_resets_is_let_go(self):
        program = self.slow(TYGER, piece=1, delay=0.001)
        for leave in socket.socket.close, reset:
            client = connect(("127.0.0.1", program.port))
            receive(client, 10)
            leave(client)
            program.expect(r"Somebody has left: connection lost")

    def test_ends_on_signals_with_clients(self):
        for number in signal.SIGTERM, signal.SIGINT:
            for program in self.start("poetry_server", TYGER), self.slow(TYGER, 1, 100):
                with connect(("127.0.0.1", program.port)) as client:
                    receive(client, 1)
                    self.assert_ends_well(program, number)

    def test_says_what_is_wrong_with_the_file(self):
        with self.a_file(64 * 1024 + 1) as long:
            for file, why in (("no such poem", "cannot open it"), (POEMS, "cannot read it"),
                              (long, "longer than a poem may be, 64 KiB")):
                for name in "poetry_server", "poetry_slow_server":
                    output, errors, status = self.run_client(file, name=name)
                    self.assertEqual((output, errors, status), (b"", f"{file}: {why}\n", 1))

    def test_says_when_the_port_is_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            for name in "poetry_server", "poetry_slow_server":
                self.assertEqual(self.run_client(TYGER, "--port", port, name=name), (
                    b"", f"cannot listen on 127.0.0.1:{port}: address already in use\n", 1))

    def test_refuses_bad_arguments(self):
        for name in "poetry_server", "poetry_slow_server":
            for arguments in ([], ["--port", "1"], [TYGER, TYGER], [TYGER, "--port"],
                              [TYGER, "--port", "x"], [TYGER, "--port", "65536"],
                              [TYGER, "--host", "localhost"], [TYGER, "--nonsense"], ["--port"]):
                self.assert_refused(name, arguments)
        for option in ("--num-bytes", "0"), ("--num-bytes", "-1"), ("--num-bytes", "x"), \
                ("--delay", "0"), ("--delay", "-1"), ("--delay", "x"), ("--delay", "nan"):
            self.assert_refused("poetry_slow_server", [TYGER, *option])

    @contextlib.contextmanager
    def a_file(self, size):
        with tempfile.NamedTemporaryFile() as file:
            file.write(random_for(self, SEED).randbytes(size))
            file.flush()
            yield pathlib.Path(file.name)


class ClientTest(Poetry):
    def get(self, style, *arguments):
        return self.run_client("--style", style, *arguments)

    def test_gets_poems_as_they_arrive(self):
        slow, fast = self.slow(TYGER), self.start("poetry_server", SCIENCE)
        for style in STYLES:
            with self.subTest(style=style):
                output, errors, status = self.get(style, slow.port, f"127.0.0.1:{fast.port}")
                self.assertEqual(output, SCIENCE.read_bytes() + TYGER.read_bytes())
                self.assertEqual(status, 0)
                self.assertRegex(errors, r"Task 1: got 100 bytes of poetry from 127.0.0.1:\d+\n")
                self.assertRegex(errors, r"Task 2 finished\n(.|\n)*Task 1 finished\n"
                                         r"Got 2 poems in \d+ ms\n\Z")

    def test_gets_poems_from_servers_with_names(self):
        fast = self.start("poetry_server", SCIENCE)
        for style in STYLES:
            with self.subTest(style=style):
                # `invalid` is no host's name anywhere (RFC 6761).
                output, errors, status = self.get(
                    style, "no.such.invalid:10001", f"localhost:{fast.port}", fast.port)
                self.assertEqual((output, status), (2 * SCIENCE.read_bytes(), 1))
                self.assertRegex(errors, r"(?m)^Task 1: no poem from no.such.invalid:10001: \w+")
                self.assertRegex(
                    errors, rf"Task 2: got \d+ bytes of poetry from 127.0.0.1:{fast.port}\n")

    def test_gets_poems_in_the_order_of_the_command_line(self):
        slow, fast = self.slow(TYGER), self.start("poetry_server", SCIENCE)
        for style in STYLES:
            with self.subTest(style=style):
                output, _, status = self.get(style, "--order=command-line", slow.port, fast.port)
                self.assertEqual((output, status),
                                 (TYGER.read_bytes() + SCIENCE.read_bytes(), 0))

    def test_lines_of_the_poem_whose_turn_it_is_come_as_they_arrive(self):
        lines = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(lines.close)
        other = self.start("poetry_server", SCIENCE)
        for style in STYLES:
            with self.subTest(style=style), Process([
                    self.examples / "poetry_client", "--order", "command-line", "--style", style,
                    lines.getsockname()[1], other.port]) as program:
                server = lines.accept()[0]
                with server:
                    # What is here already waits for its turn.
                    while program.errors.next() != "Task 2 finished":
                        pass
                    server.sendall(b"one\ntwo\nthr")
                    self.assertEqual([program.output.next(), program.output.next()],
                                     ["one", "two"])
                    server.sendall(b"ee\n")
                self.assertEqual(program.output.rest(),
                                 ["three", *SCIENCE.read_text().splitlines()])
                self.assertEqual(program.wait(), 0)

    def test_ends_with_every_mix_of_servers(self):
        bad = BadServers(self)
        good, slow = self.start("poetry_server", SCIENCE), self.slow(TYGER)
        complaints = {
            bad.refuses: "connection refused", bad.is_silent: "timed out",
            bad.resets: "connection lost", bad.resets_midway: "connection lost",
            bad.stops_midway: "timed out", bad.never_ends: "message too long"}
        # To break off in order is to be done; see E12: netstrings can tell.
        poems = {good.port: SCIENCE.read_bytes(), slow.port: TYGER.read_bytes(),
                 bad.breaks_off: b"Tyger Tyger, bur", bad.says_nothing: b""}
        rng = random_for(self, SEED)
        everything = [*complaints, *poems]
        kinds = [good.port, bad.refuses, bad.resets, bad.is_silent]
        mixes = [[port] for port in everything]
        mixes += [rng.sample(mix, size) for size in range(2, 5)
                  for mix in itertools.combinations(kinds, size)]
        mixes += [rng.choices(everything, k=rng.randint(2, 16)) for _ in range(6)]
        runs = list(itertools.product(STYLES, ("arrival", "command-line"), mixes))
        # Most of the time they wait for servers that are silent.
        with concurrent.futures.ThreadPoolExecutor(len(runs) // 2) as pool:
            ends = pool.map(lambda run: self.get(
                run[0], "--order", run[1], "--timeout", 8, *run[2]), runs)
            for (style, order, mix), end in zip(runs, ends):
                with self.subTest(style=style, mix=mix, order=order):
                    self.assert_got(end, order, mix, poems, complaints)

    def assert_got(self, end, order, mix, poems, complaints):
        output, errors, status = end
        expected = [poems[port] for port in mix if port in poems]
        self.assertEqual(status, 1 if len(expected) < len(mix) else 0)
        for number, port in enumerate(mix, 1):
            if port in complaints:
                said = f"Task {number}: no poem from 127.0.0.1:{port}: {complaints[port]}"
                self.assertRegex(errors, said)
            else:
                self.assertIn(f"Task {number} finished\n", errors)
        if order == "arrival":
            self.assertEqual(len(output), sum(map(len, expected)))
            for poem in expected:
                self.assertIn(poem, output)
        else:
            self.assert_in_order(output, expected)

    def assert_in_order(self, output, poems):
        """All of them, in this order; between them perhaps the beginning of one that failed."""
        at = 0
        for poem in poems:
            found = output.find(poem, at)
            self.assertGreaterEqual(found, 0)
            at = found + len(poem)

    def test_ends_on_signals(self):
        server = BadServers(self).stops_midway
        for style in STYLES:
            for number in signal.SIGTERM, signal.SIGINT:
                with self.subTest(style=style, number=number), Process([
                        self.examples / "poetry_client", "--style", style, server]) as program:
                    while "got" not in program.errors.next():
                        pass
                    program.signal(number)
                    self.assertEqual(program.wait(), 0)
                    self.assertEqual(program.output.rest(), [])

    def test_refuses_bad_arguments(self):
        for arguments in ([], ["--style", "deferred"], ["--style=monad", "1"], ["--style"], ["0"],
                          ["65536"], ["localhost"], ["localhost:0"], [":1"], ["::1:1"],
                          ["not_[a]_host:1"], ["127.0.0.1"], ["x"], ["1", "--order", "x"],
                          ["1", "--timeout", "x"], ["1", "--nonsense"], ["1"] * 17):
            self.assert_refused("poetry_client", arguments)
        _, errors, _ = self.run_client("localhost")
        self.assertIn("not a port, nor a host with one: localhost", errors)


if __name__ == "__main__":
    main()

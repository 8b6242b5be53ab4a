# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: examples_test.py BUILD_FOLDER [unittest's arguments]

The example programs as programs: what they print, where, and how they end.
"""

import contextlib
import os
import pathlib
import pty
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tty
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from clients import (Exchange, connect, difference, random_for, receive,  # noqa: E402
                     receive_all, reset, run, seed)
from process import PATIENCE, Process, command_of  # noqa: E402

EXAMPLES = None
SEED = seed()
TCP_SERVERS = ("chat", "echo", "foreign_loop", "heartbeat", "nameplate", "pingpong", "quiz",
               "streaming")
SERVERS = (*TCP_SERVERS, "udp_echo")
PROGRAMS = (*SERVERS, "logging", "pipe", "timers")
# These stay until somebody ends them.
LASTING = ("chat", "echo", "foreign_loop", "heartbeat", "quiz", "streaming", "timers", "udp_echo")
LISTENING = r"listening on (?:\[(?P<ip6>[0-9a-f:]+)\]|(?P<ip4>[0-9.]+)):(?P<port>\d+)"


class ExampleTest(unittest.TestCase):
    def start(self, name, *arguments):
        """The program, ready: it has printed its first line."""
        program = self.enterContext(Process([*command_of(EXAMPLES / name), *arguments]))
        if name == "timers":
            program.expect("Start!")
            return program
        match = program.expect(LISTENING)
        self.assertEqual(program.output.seen, [match[0]], "not the first line")
        program.address = (match["ip6"] or match["ip4"], int(match["port"]))
        return program

    def client(self, program):
        return self.enterContext(connect(program.address))

    def assert_ends_well(self, program, number):
        program.signal(number)
        self.assertEqual(program.wait(), 0)
        self.assertEqual(program.errors.rest(), [])


class CommandLineTest(ExampleTest):
    def test_listens_where_it_is_told(self):
        for name in SERVERS:
            for host in "127.0.0.1", "::1":
                with self.subTest(name=name, host=host):
                    if host == "::1" and not has_ip6():
                        self.skipTest("this machine has no ::1")
                    program = self.start(name, "--host", host, "--port", "0")
                    self.assertEqual(program.address[0], host)
                    self.assertNotEqual(program.address[1], 0)
                    if name in ("echo", "foreign_loop", "heartbeat", "quiz"):
                        self.client(program)

    def test_without_arguments(self):
        for name in "nameplate", "pingpong", "streaming":
            with self.subTest(name=name):
                self.assertEqual(self.start(name).address[0], "127.0.0.1")

    def test_ends_on_signals(self):
        for name in LASTING:
            for number in signal.SIGTERM, signal.SIGINT:
                with self.subTest(name=name, number=number):
                    self.assert_ends_well(self.start(name, "--port", "0"), number)

    def test_ends_on_signals_with_connections_open(self):
        for name in "echo", "heartbeat", "streaming":
            for number in signal.SIGTERM, signal.SIGINT:
                with self.subTest(name=name, number=number):
                    program = self.start(name, "--port", "0")
                    # The streaming server has one connection's room: its own client's.
                    clients = [self.client(program) for _ in range(3)]
                    if name != "streaming":
                        for client in clients:
                            client.sendall(b"*")
                            self.assertEqual(client.recv(1), b"*")
                    self.assert_ends_well(program, number)

    def test_refuses_bad_arguments(self):
        for name in PROGRAMS:
            for arguments in (
                    ["--nonsense"], ["--nonsense", "1"], ["nonsense"], ["--port"], ["--host"],
                    ["--port", "65536"], ["--port", "-1"], ["--port", "seven"], ["--port", "7x"],
                    ["--port", ""], ["--host", "localhost"], ["--host", "127.0.0"],
                    ["--host", ""], ["--port", "0", "--host"]):
                with self.subTest(name=name, arguments=arguments):
                    self.assert_refused(name, arguments)

    def assert_refused(self, name, arguments):
        with Process([*command_of(EXAMPLES / name), *arguments]) as program:
            self.assertEqual(program.wait(), 2)
            self.assertEqual(program.output.rest(), [])
            self.assertRegex("\n".join(program.errors.rest()), r"\Ausage: \S+ .*--host.*--port")

    def test_says_when_the_port_is_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            for name in TCP_SERVERS:
                self.assert_in_use(name, taken)
        with socket.socket(type=socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            self.assert_in_use("udp_echo", taken)

    def assert_in_use(self, name, taken):
        port = taken.getsockname()[1]
        command = [*command_of(EXAMPLES / name), "--port", port]
        with self.subTest(name=name), Process(command) as program:
            self.assertEqual(program.wait(), 1)
            self.assertEqual(program.output.rest(), [])
            self.assertEqual(program.errors.rest(), [
                f"cannot listen on 127.0.0.1:{port}: address already in use"])


class ChatTest(ExampleTest):
    def enter(self, program, name):
        guest = self.client(program).makefile("rwb", buffering=0)
        self.assertEqual(guest.readline(), b"What is your name?\r\n")
        guest.write(name + b"\r\n")
        self.assertEqual(guest.readline(), b"Welcome, " + name + b"!\r\n")
        return guest

    def test_passes_lines_on(self):
        program = self.start("chat", "--port", "0")
        guests = [self.enter(program, b"guest %d" % number) for number in range(20)]
        first, *others = guests
        for number in range(1, 20):
            self.assertEqual(first.readline(), b"* guest %d has come\r\n" % number)
        first.write(b"hello\r\nall of you\r\n")
        for guest in others:
            while (line := guest.readline()).startswith(b"*"):
                pass
            self.assertEqual(line, b"<guest 0> hello\r\n")
            self.assertEqual(guest.readline(), b"<guest 0> all of you\r\n")
        self.assert_ends_well(program, signal.SIGTERM)


class UdpEchoTest(ExampleTest):
    def test_sends_back_what_fits_and_only_that(self):
        program = self.start("udp_echo", "--port", "0")
        client = self.enterContext(socket.socket(type=socket.SOCK_DGRAM))
        client.settimeout(10)
        client.connect(program.address)
        for length in 0, 1, 1472, 1473, 3:
            client.send(bytes(length))
            if length <= 1472:
                self.assertEqual(client.recv(65536), bytes(length))
        self.assert_ends_well(program, signal.SIGTERM)


class EchoTest(ExampleTest):
    def setUp(self):
        self.random = random_for(self, SEED)

    def exchange(self, program, size):
        return Exchange(self.client(program), self.random.randbytes(size), self.random)

    def assert_echoes(self, exchanges):
        run(exchanges)
        for exchange in exchanges:
            self.assertIsNone(difference(exchange.data, exchange.received))

    def test_a_mebibyte(self):
        program = self.start("echo", "--port", "0")
        self.assert_echoes([self.exchange(program, 1 << 20)])

    def test_a_half_closing_client(self):
        program = self.start("echo", "--port", "0")
        client = self.client(program)
        data = self.random.randbytes(3000)
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        self.assertIsNone(difference(data, receive_all(client)))

    def test_resets(self):
        program = self.start("echo", "--port", "0")
        for _ in range(50):
            client = connect(program.address)
            client.sendall(self.random.randbytes(self.random.randint(1, 5000)))
            reset(client)
        self.assert_echoes([self.exchange(program, 10_000)])
        self.assert_ends_well(program, signal.SIGTERM)

    def test_1024_connections_at_once(self):
        self.enterContext(open_files(3000))
        program = self.start("echo", "--port", "0")
        clients = [self.client(program) for _ in range(1024)]
        data = [self.random.randbytes(100) for _ in clients]
        for _ in range(2):
            for client, piece in zip(clients, data):
                client.sendall(piece)
            for client, piece in zip(clients, data):
                self.assertEqual(receive(client, len(piece)), piece)
        self.assert_ends_well(program, signal.SIGTERM)


class PipeTest(ExampleTest):
    def setUp(self):
        self.random = random_for(self, SEED)
        self.port = self.start("echo", "--port", "0").address[1]

    def pipe(self, *arguments, **streams):
        arguments = arguments or ("--port", str(self.port))
        program = subprocess.Popen([*command_of(EXAMPLES / "pipe"), *arguments],
                                   stderr=subprocess.PIPE, **streams)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        self.addCleanup(program.stderr.close)
        return program

    def assert_done(self, program):
        self.assertEqual(program.wait(PATIENCE), 0)
        self.assertEqual(program.stderr.read(), b"")

    def test_from_a_pipe_to_a_pipe(self):
        data = self.random.randbytes(1 << 20)
        program = self.pipe(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        output, errors = program.communicate(data, timeout=PATIENCE)
        self.assertIsNone(difference(data, output))
        self.assertEqual((program.returncode, errors), (0, b""))

    def test_from_a_file_to_a_file(self):
        data = self.random.randbytes(1 << 20)
        with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as target:
            source.write(data)
            source.seek(0)
            self.assert_done(self.pipe(stdin=source, stdout=target))
            target.seek(0)
            self.assertIsNone(difference(data, target.read()))

    def test_to_what_is_described(self):
        path = self.enterContext(tempfile.TemporaryDirectory()) + "/echo"
        echo = self.enterContext(Process([*command_of(EXAMPLES / "echo"),
                                          "--listen", f"unix:{path}"]))
        echo.expect("listening on .*")
        for description in (f"tcp:localhost:{self.port}", f"tcp:port={self.port}:host=127.0.0.1",
                            f"unix:{path}:timeout=9"):
            program = self.pipe("--connect", description,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            output, errors = program.communicate(b"over there", timeout=PATIENCE)
            self.assertEqual((output, errors, program.returncode), (b"over there", b"", 0))

    def test_says_what_is_wrong_with_a_description(self):
        program = self.pipe("--connect", "tcp:localhost:99999")
        self.assertEqual(program.wait(PATIENCE), 2)
        self.assertIn(b"tcp:localhost:99999\n              ^^^^^ port: ", program.stderr.read())
        program = self.pipe("--connect", "unix:/nowhere/at/all", stdin=subprocess.DEVNULL)
        self.assertEqual(program.wait(PATIENCE), 1)
        self.assertRegex(program.stderr.read(), rb"\Apipe to unix:/nowhere/at/all: ")

    def test_from_nothing(self):
        program = self.pipe(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.assertEqual(program.communicate(timeout=PATIENCE), (b"", b""))
        self.assertEqual(program.returncode, 0)

    def test_a_terminal_which_blocks_again_afterwards(self):
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        tty.setraw(theirs)
        # As a shell does: one open file for both, which it goes on to use.
        program = self.pipe(stdin=theirs, stdout=theirs)
        os.write(ours, b"over there")
        self.assertEqual(receive_file(ours, 10), b"over there")
        self.assertFalse(os.get_blocking(theirs))
        program.terminate()
        self.assert_done(program)
        self.assertTrue(os.get_blocking(theirs))

    def test_says_when_its_reader_is_gone(self):
        program = self.pipe(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        program.stdout.close()
        self.assertEqual(program.wait(PATIENCE), 1)
        self.assertRegex(program.stderr.read().decode(), r"\Apipe to .*: connection lost\n\Z")
        program.stdin.close()


class ForeignLoopTest(ExampleTest):
    def test_serves_and_takes_commands(self):
        program = self.start("foreign_loop", "--port", "0")
        client = self.client(program)
        client.sendall(b"hello")
        self.assertEqual(receive(client, 5), b"hello")
        program.send("r\n")
        program.expect(r"bytes: 5 received, 5 sent")
        client.sendall(b"again")
        self.assertEqual(receive(client, 5), b"again")
        program.send("q\n")
        self.assertEqual(program.wait(), 0)

    def test_sleeps_when_its_input_has_ended(self):
        program = self.start("foreign_loop", "--port", "0")
        program.end_input()
        client = self.client(program)
        before = program.cpu_seconds()
        time.sleep(1)
        self.assertLess(program.cpu_seconds() - before, 0.2)
        client.sendall(b"hello")
        self.assertEqual(receive(client, 5), b"hello")
        self.assert_ends_well(program, signal.SIGTERM)


class PingPongTest(ExampleTest):
    def test_plays_and_ends(self):
        for _ in range(10):
            program = self.start("pingpong")
            self.assertEqual(program.wait(), 0)
            self.assertEqual(program.errors.rest(), [])
            self.check(program.output.rest())

    def check(self, lines):
        # Each end begins with a byte of its own and answers each that it gets: neither is ever more
        # than one byte ahead, and each writes 101.
        balance = 0
        for line in lines:
            balance += (line == "Client wrote a byte") - (line == "Server wrote a byte")
            self.assertLessEqual(abs(balance), 1)
        self.assertEqual(balance, 0)
        self.assertEqual(lines.count("Client wrote a byte"), 101)
        others = [line for line in lines if not line.endswith(" wrote a byte")]
        self.assertEqual(sorted(others[:-2]), [
            "Client is closing the connection", "Server is closing the connection"])
        self.assertEqual(sorted(others[-2:]), [
            "Client lost the connection: connection closed cleanly",
            "Server lost the connection: connection closed cleanly"])


class NameplateTest(ExampleTest):
    def test_asks_until_it_has_one(self):
        program = self.start("nameplate")
        self.assertEqual(program.wait(), 0)
        self.assertEqual(program.errors.rest(), [])
        self.assertEqual(program.output.rest(), 2 * [
            "client: asks", "server: hangs up",
            "client: connection lost, comes back"] + [
            "client: asks", "client: has nameplate 1"])


class TimersTest(ExampleTest):
    def test_prints_in_order_and_ends(self):
        program = self.start("timers")
        self.assertEqual(program.output.rest(), [
            "5 ...", "timer 1", "timer 2", "timer 3", "4 ...", "Hello from the past.", "3 ...",
            "2 ...", "1 ...", "Stop!"])
        self.assertEqual(program.wait(), 0)


class LoggingTest(ExampleTest):
    def test_tells_what_led_to_its_end(self):
        with Process(command_of(EXAMPLES / "logging")) as program:
            lines = [re.sub(r"^\d+\.\d{6} ", "", line) for line in program.output.rest()]
            self.assertEqual(program.wait(), -signal.SIGABRT)
            # An emulator, where there is one, tells of the end as well.
            errors = [line for line in program.errors.rest() if not line.startswith("qemu: ")]
        self.assertEqual(lines[:5], [
            "[kettle.thermometer#info] reading every 0.010s",
            "[kettle#critical] a timer failed: timed out",
            "[kettle.thermometer#warn] 40.0 C is hot",
            "[kettle.thermometer#warn] 42.5 C is hot",
            "[kettle.thermometer#warn] 45.0 C is hot"])
        self.assertRegex(lines[5], r"the last that was logged, \d+ lines before it lost:")
        self.assertEqual(lines[-2:], [
            "[kettle.thermometer#debug] reading 10: 45.0 C",
            "[kettle.thermometer#warn] 45.0 C is hot"])
        self.assertEqual(len(errors), 1)
        self.assertIn("thermometer.hpp", errors[0])


class HeartbeatTest(ExampleTest):
    def test_beats_at_once_for_each_client(self):
        program = self.start("heartbeat", "--port", "0")
        for _ in range(20):
            with connect(program.address) as client:
                self.assertEqual(client.recv(100), b"*")


class QuizTest(ExampleTest):
    def test_asks_and_judges(self):
        client = self.client(self.start("quiz", "--port", "0"))
        # As a terminal sends it, all at once, and with an answer that is none.
        client.sendall(b"Ada\r\n12\r\n21\r\nthirty\r\n")
        self.assertEqual(receive_all(client), b"What is your name? Ada, 3 x 4? Right.\n"
                         b"Ada, 4 x 5? No, 20.\nAda, 5 x 6? No, 30.\n1 of 3, goodbye.\n")

    def test_one_who_goes_away_leaves_room_for_the_next(self):
        program = self.start("quiz", "--port", "0")
        for _ in range(20):
            with connect(program.address) as client:
                self.assertEqual(receive(client, 4), b"What")
                client.sendall(b"half a na")

    def test_a_line_too_long_ends_the_conversation(self):
        client = self.client(self.start("quiz", "--port", "0"))
        client.sendall(b"x" * 1000)
        with self.assertRaises(ConnectionResetError):
            receive_all(client)


class StreamingTest(ExampleTest):
    PAUSE, RESUME = "Pausing client producer.", "Resuming client producer."

    def test_pauses_and_resumes_in_the_memory_it_has(self):
        program = self.start("streaming")
        for _ in range(3):
            program.expect(self.RESUME)
        early = program.resident_kib()
        ends = time.monotonic() + 1
        while time.monotonic() < ends:
            program.expect(self.RESUME)
        late = program.resident_kib()
        print(f"streaming: {early} KiB resident early, {late} KiB late", flush=True)
        self.assertLess(late, early + 512)
        self.assert_ends_well(program, signal.SIGTERM)
        program.output.rest()
        turns = [line for line in program.output.seen if line in (self.PAUSE, self.RESUME)]
        self.assertEqual(turns[::2], [self.PAUSE] * len(turns[::2]))
        self.assertEqual(turns[1::2], [self.RESUME] * len(turns[1::2]))


def receive_file(descriptor, count):
    data = b""
    while len(data) < count:
        data += os.read(descriptor, count - len(data))
    return data


def has_ip6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        return True
    except OSError:
        return False


@contextlib.contextmanager
def open_files(count):
    """Lets this program and those it starts have `count` files open, or skips the test."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft, hard = before
    if soft != resource.RLIM_INFINITY and soft < count:
        if hard != resource.RLIM_INFINITY and hard < count:
            raise unittest.SkipTest(f"no more than {hard} open files are permitted")
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


if __name__ == "__main__":
    EXAMPLES = pathlib.Path(sys.argv.pop(1)).resolve() / "examples"
    unittest.main(verbosity=2)

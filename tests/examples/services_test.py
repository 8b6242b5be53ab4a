# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: services_test.py SERVICES_PROGRAM [unittest's arguments]

A program of services as a user runs it: command line, order of start and stop, pid file,
privileges, signals.
"""

import json
import os
import pathlib
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from clients import connect, receive, receive_all  # noqa: E402
from process import PATIENCE, Process, children_of, namespace_of_processes  # noqa: E402

PROGRAM = None
STARTED = ["echo runs", "alive", "heartbeat runs", "sensor runs", "supervisor runs",
           "the program runs"]
STOPPED = ["sensor has stopped", "supervisor has stopped", "heartbeat has stopped",
           "echo has stopped", "the program has stopped"]
# Nothing beats during a test unless it asks for that.
SELDOM = ("--interval", "3600000")
PATIENT = ("--drain", "3600000", "--stop-within", "3600")
NOBODY = 65534


def text_of(line):
    """What a line of the log says, without time and namespace."""
    return re.sub(r"^[0-9.]+ \[services#\w+\] ", "", line)


class ServicesTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.pid_file = self.folder / "services.pid"

    def start(self, *arguments, command=None):
        command = command or [PROGRAM]
        program = self.enterContext(Process([*command, "--port", "0", *arguments]))
        program.port = int(program.expect(r"listening on 127\.0\.0\.1:(\d+)")[1])
        self.assertEqual(len(program.output.seen), 1, "not the first line")
        self.hear(program, "the program runs")
        return program

    @staticmethod
    def hear(program, pattern):
        return program.hear(pattern, text_of)

    def stop(self, program, number=signal.SIGTERM):
        program.signal(number)
        self.hear(program, "the program has stopped")
        self.assertEqual(program.wait(), 0)

    def run_to_end(self, *arguments):
        ended = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                               timeout=PATIENCE)
        return ended.returncode, ended.stdout, ended.stderr


class OrderTest(ServicesTest):
    def test_starts_in_order_and_stops_in_reverse(self):
        for number in signal.SIGTERM, signal.SIGINT:
            program = self.start(*SELDOM)
            self.assertEqual(program.heard, STARTED)
            program.heard.clear()
            self.stop(program, number)
            self.assertEqual(program.heard,
                             [f"received {signal.Signals(number).name}, stopping", *STOPPED])
            self.assertEqual(program.errors.rest(), [])

    def test_finishes_what_it_has_to_say_to_its_clients(self):
        program = self.start(*SELDOM)
        with connect(("127.0.0.1", program.port)) as client:
            client.sendall(b"hello")
            self.assertEqual(receive(client, 5), b"hello")
            self.stop(program)
            self.assertEqual(receive_all(client), b"")

    def test_restarts_the_sensor(self):
        program = self.start("--interval", "50", "--readings", "10")
        self.hear(program, "sensor failed: timed out")
        self.hear(program, "sensor runs")
        self.stop(program)

    def test_gives_up_when_the_sensor_fails_too_often(self):
        program = self.start("--interval", "1", "--readings", "1")
        self.hear(program, "supervisor has stopped")
        self.hear(program, "the program has stopped")
        self.assertEqual(program.wait(), 1)
        self.assertEqual(program.heard.count("sensor failed: timed out"), 6)

    def test_fails_when_a_service_cannot_start(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            status, output, errors = self.run_to_end("--port", taken.getsockname()[1])
        self.assertEqual((status, output), (1, ""))
        said = [text_of(line) for line in errors.splitlines()]
        self.assertRegex(said[0], r"echo failed: address already in use")
        self.assertEqual(said[-1], "the program has stopped")


class SignalTest(ServicesTest):
    def stuck(self, *arguments, command=None):
        """A program whose client does not read, so that it cannot stop in order."""
        program = self.start(*SELDOM, *arguments, command=command)
        client = self.enterContext(connect(("127.0.0.1", program.port)))
        client.settimeout(0.5)
        try:
            while client.send(bytes(1 << 16)):
                pass
        except TimeoutError:
            pass
        return program

    def test_ends_at_once_with_the_second_signal(self):
        for number in signal.SIGTERM, signal.SIGINT:
            program = self.stuck(*PATIENT)
            program.signal(signal.SIGTERM)
            self.hear(program, "received SIGTERM, stopping")
            program.signal(number)
            self.assertEqual(program.wait(), 128 + number)

    def test_stops_in_time_whatever_its_clients_do(self):
        self.stop(self.stuck("--drain", "100"))

    def test_ends_in_time_whatever_its_services_do(self):
        program = self.stuck("--drain", "3600000", "--stop-within", "1")
        program.signal(signal.SIGTERM)
        self.hear(program, "echo has not stopped within 1s")
        self.assertEqual(program.wait(), 1)

    def test_does_so_as_process_1(self):
        unshare = namespace_of_processes(self)
        program = self.start(*SELDOM, "--pidfile", self.pid_file, command=[*unshare, PROGRAM])
        self.assertEqual(self.pid_file.read_text(), "1\n")
        (first,) = children_of(program.pid)
        os.kill(first, signal.SIGTERM)
        self.hear(program, "the program has stopped")
        self.assertEqual(program.wait(), 0)
        program = self.stuck(*PATIENT, command=[*unshare, PROGRAM])
        (first,) = children_of(program.pid)
        os.kill(first, signal.SIGTERM)
        self.hear(program, "received SIGTERM, stopping")
        os.kill(first, signal.SIGTERM)
        self.assertEqual(program.wait(), 128 + signal.SIGTERM)


class PidFileTest(ServicesTest):
    def test_is_there_while_it_runs(self):
        program = self.start(*SELDOM, "--pidfile", self.pid_file)
        self.assertEqual(self.pid_file.read_text(), f"{program.pid}\n")
        self.assertEqual(stat.S_IMODE(self.pid_file.stat().st_mode) & 0o133, 0)
        self.stop(program)
        self.assertFalse(self.pid_file.exists())

    def test_is_removed_when_it_fails(self):
        program = self.start("--pidfile", self.pid_file, "--interval", "1", "--readings", "1")
        self.assertEqual(program.wait(), 1)
        self.assertFalse(self.pid_file.exists())

    def test_keeps_a_second_one_out(self):
        program = self.start(*SELDOM, "--pidfile", self.pid_file)
        status, _, errors = self.run_to_end("--port", "0", "--pidfile", self.pid_file)
        self.assertEqual(status, 1)
        self.assertIn(f"process {program.pid} holds {self.pid_file}: already running", errors)
        self.assertEqual(self.pid_file.read_text(), f"{program.pid}\n")
        self.stop(program)

    def test_replaces_one_that_was_left_behind(self):
        program = self.start(*SELDOM, "--pidfile", self.pid_file)
        program.kill()
        # Whoever has that number now: this process, for one.
        self.assertTrue(self.pid_file.exists())
        self.pid_file.write_text(f"{os.getpid()}\n")
        program = self.start(*SELDOM, "--pidfile", self.pid_file)
        self.assertEqual(self.pid_file.read_text(), f"{program.pid}\n")
        self.stop(program)

    def test_leaves_other_files_alone(self):
        precious = self.folder / "precious"
        precious.write_text("of value\n")
        link = self.folder / "link"
        link.symlink_to(precious)
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        for path in precious, link, pipe, self.folder, self.folder / "none" / "file":
            with self.subTest(path=path):
                status, _, errors = self.run_to_end("--port", "0", "--pidfile", path)
                self.assertEqual(status, 1)
                self.assertIn(f"cannot hold {path}", errors)
        self.assertEqual(precious.read_text(), "of value\n")


@unittest.skipUnless(os.geteuid() == 0, "only root has privileges to give up")
class PrivilegesTest(ServicesTest):
    @staticmethod
    def status_of(pid):
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
        return dict(line.split(":", 1) for line in text.splitlines())

    def test_are_given_up_once_the_port_is_bound(self):
        self.folder.chmod(0o755)
        program = self.start(*SELDOM, "--uid", str(NOBODY), "--gid", str(NOBODY),
                             "--pidfile", self.pid_file)
        status = self.status_of(program.pid)
        self.assertEqual(status["Uid"].split(), [str(NOBODY)] * 4)
        self.assertEqual(status["Gid"].split(), [str(NOBODY)] * 4)
        self.assertEqual(status["Groups"].split(), [])
        self.assertEqual(int(status["CapEff"], 16), 0)
        self.assertEqual(int(status["CapPrm"], 16), 0)
        self.stop(program)
        # It may not remove what root has made, so it empties it, and who comes next takes it over.
        self.assertEqual(self.pid_file.read_text(), "")
        self.stop(self.start(*SELDOM, "--pidfile", self.pid_file))
        self.assertFalse(self.pid_file.exists())

    def test_are_given_up_by_process_1_too(self):
        """As in a container that is started by root."""
        program = self.start(*SELDOM, "--uid", str(NOBODY), "--gid", str(NOBODY),
                             command=[*namespace_of_processes(self), PROGRAM])
        (first,) = children_of(program.pid)
        status = self.status_of(first)
        self.assertEqual(status["NSpid"].split()[-1], "1")
        self.assertEqual(status["Uid"].split(), [str(NOBODY)] * 4)
        self.assertEqual(int(status["CapEff"], 16), 0)
        os.kill(first, signal.SIGTERM)
        self.hear(program, "the program has stopped")
        self.assertEqual(program.wait(), 0)

    def test_changes_its_root(self):
        # A sanitizer looks for leaks at the end, with what it finds in /proc, which is then out of
        # reach.
        os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
        self.addCleanup(os.environ.pop, "ASAN_OPTIONS")
        program = self.start(*SELDOM, "--chroot", self.folder, "--pidfile", self.pid_file)
        self.assertEqual(os.readlink(f"/proc/{program.pid}/root"), str(self.folder))
        self.assertEqual(os.readlink(f"/proc/{program.pid}/cwd"), str(self.folder))
        self.stop(program)
        self.assertFalse(self.pid_file.exists())

    def test_starts_nothing_where_that_fails(self):
        status, _, errors = self.run_to_end("--port", "0", "--chroot", self.folder / "nowhere")
        self.assertEqual(status, 1)
        self.assertRegex(errors, "the program failed: address not available")
        self.assertNotIn("runs", errors)


class LogTest(ServicesTest):
    def test_is_json_if_asked_for(self):
        program = self.enterContext(
            Process([PROGRAM, "--port", "0", "--log-format=json", *SELDOM]))
        before = time.time()
        events = [json.loads(program.errors.next()) for _ in STARTED]
        self.assertEqual(events[0]["service"], "echo")
        self.assertLess(abs(events[0]["log_time"] - before), 600)
        program.signal(signal.SIGTERM)
        events = [json.loads(line) for line in program.errors.rest()]
        self.assertEqual(events[0]["signal"], "SIGTERM")
        self.assertEqual(program.wait(), 0)

    def test_has_levels(self):
        program = self.enterContext(Process(
            [PROGRAM, "--port", "0", "--interval", "1", "--readings", "1", "--log-level=error"]))
        self.assertEqual(program.wait(), 1)
        said = [text_of(line) for line in program.errors.rest()]
        self.assertEqual(said, ["sensor failed: timed out"] * 6)

    def test_whose_reader_is_gone_ends_nothing(self):
        reader, writer = os.pipe()
        program = subprocess.Popen([PROGRAM, "--port", "0", "--interval", "10"],
                                   stdout=subprocess.DEVNULL, stderr=writer)
        self.addCleanup(program.wait)
        self.addCleanup(program.kill)
        os.close(writer)
        with os.fdopen(reader, "rb") as log:
            self.assertRegex(log.readline(), b"echo runs")
        with self.assertRaises(subprocess.TimeoutExpired):
            program.wait(0.5)
        program.terminate()
        self.assertEqual(program.wait(PATIENCE), 0)


class CommandLineTest(ServicesTest):
    def test_tells_its_options_and_version(self):
        status, output, errors = self.run_to_end("--help")
        self.assertEqual((status, errors), (0, ""))
        for option in "--port N", "--pidfile FILE", "--log-format FORMAT", "--uid N", "--help":
            self.assertIn(f"  {option} ", output)
        self.assertEqual(self.run_to_end("--version"), (0, "services 0.1.0\n", ""))

    def test_refuses_what_makes_no_sense(self):
        for arguments in (
                ["--nonsense"], ["-x"], ["--port"], ["--port", "65536"], ["--port="],
                ["--port=7x"], ["--help=now"], ["--log-format", "xml"], ["--log-level", "loud"],
                ["--pidfile="], ["--uid", "root"], ["--uid", "1"], ["--gid", "-1"],
                ["--gid", "4294967295"], ["--chroot="], ["--host", "localhost"], ["word"],
                ["--", "--help"], ["--interval", "0"], ["--stop-within", "0"]):
            with self.subTest(arguments=arguments):
                status, output, errors = self.run_to_end(*arguments)
                self.assertEqual((status, output), (2, ""))
                self.assertRegex(errors, r"\Aservices: .*\nusage: services \[OPTION...\]")


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: colony_test.py COLONY_PROGRAM [unittest's arguments]

A colony of processes as a user runs it: files that come, change and go, processes that end, and
the colony as process 1 of a container.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from process import PATIENCE, Process, children_of, namespace_of_processes  # noqa: E402

PROGRAM = None
QUICK = ("--poll", "20", "--delay", "1", "--period", "3600000")
FOR_EVER = "exec sleep 100000"


def without_place(line):
    """What a line of the log says, without time and namespace."""
    return re.sub(r"^[0-9.]+ \[\S*colony#\w+\] ", "", line)


def shell(script, **members):
    return {"command": ["sh", "-c", script], **members}


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} in {PATIENCE} s")
        time.sleep(0.01)


def gone(pid):
    return not pathlib.Path(f"/proc/{pid}").exists()


class ColonyTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def put(self, name, definition):
        """Whole at once, as the colony's users are told to."""
        text = definition if isinstance(definition, str) else json.dumps(definition)
        beside = self.folder / f".{name}"
        beside.write_text(text, encoding="utf-8")
        beside.rename(self.folder / f"{name}.json")

    def remove(self, name):
        (self.folder / f"{name}.json").unlink()

    def start(self, *arguments, before=()):
        program = self.enterContext(Process([*before, PROGRAM, *QUICK, *arguments, self.folder]))
        self.addCleanup(self.end, program)
        self.hear(program, "the program runs")
        return program

    @staticmethod
    def end(program):
        """Of a test that has failed: a colony that is killed would leave its processes."""
        program.signal(signal.SIGTERM)
        try:
            program.wait(10)
        except AssertionError:
            pass

    @staticmethod
    def hear(program, pattern):
        return program.hear(pattern, without_place)

    def heard(self, program):
        return [without_place(line) for line in program.errors.seen]

    def pid_of(self, program, name):
        return int(self.hear(program, rf"{name} is process (\d+)")[1])

    def stop(self, program):
        program.signal(signal.SIGTERM)
        self.assertEqual(program.wait(), 0)


class FilesTest(ColonyTest):
    def test_that_are_there_are_run(self):
        self.put("one", shell(f"echo one; {FOR_EVER}"))
        self.put("two", shell(f"echo two; {FOR_EVER}"))
        program = self.start()
        self.assertEqual({program.output.next(), program.output.next()}, {"one", "two"})
        self.stop(program)
        self.assertEqual(program.output.rest(), [])

    def test_that_come_are_run_and_that_go_are_stopped(self):
        program = self.start()
        self.put("late", {"command": ["sleep", "100000"]})
        pid = self.pid_of(program, "late")
        self.assertFalse(gone(pid))
        self.remove("late")
        self.hear(program, "supervisor of late has stopped")
        self.assertTrue(gone(pid))
        self.put("late", {"command": ["sleep", "100000"]})
        self.assertNotEqual(self.pid_of(program, "late"), pid)
        self.stop(program)

    def test_that_change_are_run_anew(self):
        self.put("it", shell(f"echo first; {FOR_EVER}"))
        program = self.start()
        program.expect("first")
        pid = self.pid_of(program, "it")
        self.put("it", shell(f"echo second; {FOR_EVER}"))
        program.expect("second")
        self.assertTrue(gone(pid))
        self.stop(program)
        self.assertIsNone(program.output.next())

    def test_say_what_a_process_is_like(self):
        self.put("it", shell("echo \"$WHO $PWD $HOME.\"; exec sleep 100000",
                             environment={"WHO": "caf\u00e9", "PATH": os.environ["PATH"]},
                             directory=str(self.folder.resolve())))
        program = self.start()
        self.assertEqual(program.output.next(), f"caf\u00e9 {self.folder.resolve()} .")
        self.stop(program)

    def test_are_told_of_once_when_they_are_of_no_use(self):
        for number, (text, complaint) in enumerate({
                "": "text ends too early, at byte 0",
                "{": "text ends too early, at byte 1",
                "[]": "an object is wanted, at byte 0",
                "{}": "there is no command, at byte 1",
                '{"command": []}': "there is no command, at byte 14",
                '{"command": "sleep"}': "a command is an array, at byte 12",
                '{"command": ["sleep", 1]}': "a command is of strings, at byte 22",
                '{"command": ["a\\u0000"]}': "more text or words .*, at byte 13",
                '{"command": ["sleep"], "colour": 1}': "there is no such member, at byte 23",
                '{"command": ["sleep"],}': "unexpected character, at byte 22",
                '{"command": ["sleep"]} 1': "unexpected character, at byte 23",
                '{"command": ["sleep"], "user": -1}': "users and groups .*, at byte 31",
                '{"command": ["sleep"], "stop_within": 0.5}': "a time is .*, at byte 38",
                json.dumps({"command": ["a"] * 33}): "more text or words .*",
                json.dumps({"command": ["a" * 4090] * 2}): "string or number too long.*|more .*",
                json.dumps({"command": ["a" * 9000]}): None}.items()):
            self.put(f"bad{number}", text)
            with self.subTest(text=text):
                program = self.start()
                told = [line for line in self.heard(program) if line.startswith("bad")]
                self.assertEqual(len(told), 1)
                self.assertRegex(told[0], r"\Abad\d+\.json(: (%s)\Z| is too long)" % complaint)
                self.put("good", shell(f"echo good; {FOR_EVER}"))
                program.expect("good")
                self.remove("good")
                self.hear(program, "supervisor of good has stopped")
                self.stop(program)
                self.assertNotIn("bad", " ".join(map(without_place, program.errors.rest())))
            self.remove(f"bad{number}")

    def test_that_become_useless_change_nothing(self):
        self.put("it", shell(f"echo first; {FOR_EVER}"))
        program = self.start()
        pid = self.pid_of(program, "it")
        self.put("it", "{")
        self.hear(program, "it.json: text ends too early, at byte 1")
        self.assertFalse(gone(pid))
        self.put("it", shell(f"echo third; {FOR_EVER}"))
        program.expect("third")
        self.stop(program)

    def test_other_than_definitions_are_let_be(self):
        (self.folder / "read.me").write_text("no definition")
        (self.folder / ".hidden.json").write_text("none either")
        (self.folder / "folder.json").mkdir()
        program = self.start()
        self.stop(program)
        self.assertNotIn("json", " ".join(self.heard(program)))

    def test_beyond_the_room_wait_for_room(self):
        for number in range(33):
            self.put(f"p{number}", {"command": ["sleep", "100000"]})
        program = self.start()
        left_out = re.search(r"there is no room for (p\d+)", "\n".join(self.heard(program)))[1]
        running = next(f"p{number}" for number in range(33) if f"p{number}" != left_out)
        self.remove(running)
        self.hear(program, f"{left_out} runs")
        self.stop(program)
        self.assertEqual(" ".join(self.heard(program)).count("no room"), 1)

    def test_cannot_be_seen_and_nothing_changes(self):
        self.put("it", {"command": ["sleep", "100000"]})
        program = self.start()
        pid = self.pid_of(program, "it")
        away = self.folder.with_name(self.folder.name + ".away")
        self.folder.rename(away)
        self.hear(program, "cannot read .*: No such file or directory")
        self.assertFalse(gone(pid))
        away.rename(self.folder)
        self.remove("it")
        self.hear(program, "supervisor of it has stopped")
        self.stop(program)


class ProcessesTest(ColonyTest):
    def test_are_restarted_so_often_and_no_more(self):
        self.put("it", shell("echo again"))
        self.put("other", shell(FOR_EVER))
        program = self.start()
        self.hear(program, "supervisor of it has stopped")
        self.put("it", shell(f"echo changed; {FOR_EVER}"))
        program.expect("changed")
        self.assertEqual(program.output.seen.count("again"), 6)
        self.stop(program)

    def test_that_are_killed_are_restarted(self):
        self.put("it", {"command": ["sleep", "100000"]})
        program = self.start()
        pid = self.pid_of(program, "it")
        os.kill(pid, signal.SIGKILL)
        self.hear(program, "it failed, process killed: .*")
        self.assertNotEqual(self.pid_of(program, "it"), pid)
        self.stop(program)

    def test_that_cannot_begin_are_told_of(self):
        self.put("it", {"command": ["/no/such/program"]})
        program = self.start()
        self.assertIn("it failed: address not available on this machine (2)", self.heard(program))
        self.put("it", shell(f"echo changed; {FOR_EVER}"))
        program.expect("changed")
        self.stop(program)

    def test_are_stopped_with_their_groups(self):
        self.put("it", shell("sleep 100000 & echo $!; wait"))
        program = self.start()
        pid = int(program.output.next())
        self.stop(program)
        wait_until(lambda: gone(pid), "the group is not gone")

    def test_that_do_not_stop_are_killed(self):
        self.put("it", shell("trap '' TERM; echo ready; while :; do sleep 1; done", stop_within=0))
        program = self.start()
        program.expect("ready")
        pid = self.pid_of(program, "it")
        self.stop(program)
        self.assertTrue(gone(pid))


class ProcessOneTest(ColonyTest):
    """In a namespace of processes of its own, as in a container."""

    def start(self, *arguments, **_):
        program = super().start(*arguments, before=namespace_of_processes(self))
        (self.init,) = children_of(program.pid)
        return program

    def stop(self, program):
        os.kill(self.init, signal.SIGTERM)
        self.assertEqual(program.wait(), 0)

    def test_leaves_no_zombies(self):
        self.put("it", shell("for i in 1 2 3 4 5 6 7 8; do (sleep 0.05 && exit 3 &) ; done; "
                             f"(: &); echo all; {FOR_EVER}"))
        program = self.start()
        program.expect("all")
        wait_until(lambda: len(children_of(self.init)) == 1, "zombies are left")
        self.stop(program)

    def test_tells_its_own_from_those_it_was_left(self):
        self.put("it", shell("(sleep 0.01 &); (: &); exit 7"))
        program = self.start()
        self.hear(program, "it failed, process exited: .*")
        self.hear(program, "supervisor of it has stopped")
        self.assertNotIn("ended somehow", " ".join(self.heard(program)))
        wait_until(lambda: children_of(self.init) == [], "zombies are left")
        self.stop(program)

    def test_passes_signals_on(self):
        self.put("it", shell("trap 'echo hup' HUP; trap 'echo one' USR1; echo ready; "
                             "while :; do sleep 0.01; done"))
        program = self.start()
        program.expect("ready")
        os.kill(self.init, signal.SIGHUP)
        program.expect("hup")
        os.kill(self.init, signal.SIGUSR1)
        program.expect("one")
        self.stop(program)

    def test_ends_by_a_second_signal(self):
        self.put("it", shell("trap '' TERM; echo ready; while :; do sleep 1; done",
                             stop_within=3600))
        program = self.start("--stop-within", "3600")
        program.expect("ready")
        os.kill(self.init, signal.SIGTERM)
        self.hear(program, "received SIGTERM, stopping")
        os.kill(self.init, signal.SIGTERM)
        self.assertEqual(program.wait(), 128 + signal.SIGTERM)


class CommandLineTest(ColonyTest):
    def test_refuses_what_makes_no_sense(self):
        for arguments in ["a", "b"], ["--poll", "0"], ["--delay", "soon"], [""], ["--period="]:
            with self.subTest(arguments=arguments):
                ended = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True,
                                       timeout=PATIENCE)
                self.assertEqual((ended.returncode, ended.stdout), (2, ""))
                self.assertRegex(ended.stderr, r"\Acolony: ")

    def test_a_directory_that_is_none_is_a_failure(self):
        ended = subprocess.run([PROGRAM, self.folder / "none"], capture_output=True, text=True,
                               timeout=PATIENCE)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("cannot read", ended.stderr)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main(verbosity=2)

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""Programs under test: their lines as they come, their exit status, and no way to outlive us."""

import ctypes
import os
import queue
import re
import shlex
import signal
import subprocess
import threading
import time

# Seconds that nothing takes on any machine: it bounds failures and is never what success waits for.
PATIENCE = 60

_libc = ctypes.CDLL(None)


def _die_with_parent():
    pr_set_pdeathsig = 1
    _libc.prctl(pr_set_pdeathsig, signal.SIGKILL)


def command_of(program):
    """What starts a program of ours: in a build for another machine, the emulator it needs."""
    return [*shlex.split(os.environ.get("BOBBIN_EMULATOR", "")), program]


def namespace_of_processes(test):
    """What starts a program as process 1 of a namespace of its own, as in a container.

    Where nobody may, for root or for others, the test is skipped, and says why.
    """
    reasons = []
    for more in [], ["--user", "--map-root-user"]:
        command = ["unshare", *more, "--pid", "--fork", "--mount-proc", "--kill-child"]
        try:
            tried = subprocess.run([*command, "true"], capture_output=True, text=True,
                                   timeout=PATIENCE)
        except FileNotFoundError:
            test.skipTest("there is no unshare(1)")
        if tried.returncode == 0:
            return command
        reasons.append(tried.stderr.strip())
    test.skipTest("a namespace of processes is not permitted: " + "; ".join(reasons))


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


class Lines:
    """The lines of a pipe, which a thread reads so that the writer never waits for us."""

    def __init__(self, pipe):
        self.seen = []
        self._queue = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self._thread.start()

    def _read(self, pipe):
        with pipe:
            for line in pipe:
                self._queue.put(line.decode(errors="replace").rstrip("\r\n"))
        self._queue.put(None)

    def next(self, timeout=PATIENCE):
        """The next line; None at the end, where it stays. Raises queue.Empty when time is up."""
        line = self._queue.get(timeout=max(timeout, 0))
        if line is None:
            self._queue.put(None)
        else:
            self.seen.append(line)
        return line

    def rest(self, timeout=PATIENCE):
        """All further lines, up to the end."""
        deadline = time.monotonic() + timeout
        return list(iter(lambda: self.next(deadline - time.monotonic()), None))


class Process:
    """A running program. As a context manager it kills the program at the end.

    `options` are Popen's.
    """

    def __init__(self, command, **options):
        self.name = os.path.basename(str(command[0]))
        self._process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, preexec_fn=_die_with_parent, **options)
        self.pid = self._process.pid
        self.output = Lines(self._process.stdout)
        self.errors = Lines(self._process.stderr)
        self.heard = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def expect(self, pattern, timeout=PATIENCE):
        """Reads output up to the line that matches `pattern` whole, and returns the match."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self.output.next(deadline - time.monotonic())
            except queue.Empty:
                raise AssertionError(self._without(pattern, f"in {timeout} s")) from None
            if line is None:
                raise AssertionError(self._without(pattern, "before its end"))
            if match := re.fullmatch(pattern, line):
                return match

    def hear(self, pattern, words=str, timeout=PATIENCE):
        """Reads the log, on standard error, to the line that says `pattern`; returns the match.

        What a line says is for `words` to tell; what was passed on the way is added to `heard`.
        """
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self.errors.next(deadline - time.monotonic())
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"nothing said '{pattern}':\n" + "\n".join(self.errors.seen))
            self.heard.append(words(line))
            if match := re.fullmatch(pattern, self.heard[-1]):
                return match

    def _without(self, pattern, when):
        said = "".join(f"\n    {line}" for line in self.output.seen[-20:])
        return f"{self.name} did not print '{pattern}' {when}; it printed:{said}"

    def send(self, text):
        """Writes to the program's input."""
        self._process.stdin.write(text.encode())
        self._process.stdin.flush()

    def end_input(self):
        """The program reads no more from its input than has been sent."""
        self._process.stdin.close()

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self, timeout=PATIENCE):
        """Its exit status, once it has one."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end in {timeout} s") from None

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()

    def cpu_seconds(self):
        """Processor time it has used so far."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_kib(self):
        """The memory it occupies."""
        return self._status_kib("VmRSS")

    def most_resident_kib(self):
        """The most it has ever occupied."""
        return self._status_kib("VmHWM")

    def _status_kib(self, name):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return int(re.search(rf"^{name}:\s+(\d+) kB$", file.read(), re.MULTILINE)[1])

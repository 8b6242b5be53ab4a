# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""Firmware images in QEMU, with one of their ports forwarded to this machine."""

import pathlib
import re
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from clients import connect  # noqa: E402
from process import PATIENCE, Process  # noqa: E402

_POOL = re.compile(r"(.+): (\d+) of (\d+) in use, (\d+) at most, (\d+) refused")
_REPORT_END = r"bytes: .*"
_ATTEMPTS = 5


class CannotStart(Exception):
    """QEMU did not start; the message says why."""


class Pool:
    """A line of the guest's report."""

    def __init__(self, in_use, capacity, at_most, refused):
        self.in_use, self.capacity = int(in_use), int(capacity)
        self.at_most, self.refused = int(at_most), int(refused)


class Guest(Process):
    """An image in QEMU: its console is the process's input and output.

    As a context manager it ends QEMU in any case; QEMU also ends if this program is killed.
    """

    def __init__(self, image, forward, option="--forward", host_port=0, **options):
        super().__init__([ROOT / "toolchains" / "run-qemu", image, option,
                          f"{host_port}:{forward}"], **options)
        self.name = pathlib.Path(image).name
        self.address = None
        first = self.errors.next()
        if match := re.fullmatch(r"forward(?:-udp)? (\d+) \d+", first or ""):
            self.address = ("127.0.0.1", int(match[1]))

    def connect(self):
        """A client of the forwarded port.

        QEMU lets only one at a time wait to be taken, and who finds that place taken waits for a
        second. So the place is left free for the next.
        """
        client = connect(self.address)
        time.sleep(0.02)
        return client

    def report_lines(self):
        """What the console's `r` prints."""
        before = len(self.output.seen)
        self.send("r")
        self.expect(_REPORT_END)
        return self.output.seen[before:]

    def report(self):
        """The pools of the report by their names."""
        matches = (_POOL.fullmatch(line) for line in self.report_lines())
        return {match[1]: Pool(*match.groups()[1:]) for match in matches if match}

    def quit(self):
        """Has the console's `q` stop the guest, and returns its exit status."""
        self.send("q")
        return self.wait()


def start(image, forward=7, ready=r"listening on .*", timeout=PATIENCE, option="--forward",
          **options):
    """A guest that has printed the line `ready`. `option` is run-qemu's: TCP or UDP. Further
    options are a Guest's.

    The forwarded port is free when it is picked and may be gone when QEMU takes it; then another.
    """
    for _ in range(_ATTEMPTS):
        guest = Guest(image, forward, option, **options)
        try:
            guest.expect(ready, timeout)
            return guest
        except AssertionError as reason:
            guest.kill()
            complaint = "\n".join(guest.errors.seen + guest.errors.rest())
            if "host forwarding" not in complaint:
                raise CannotStart(complaint if guest.address is None else
                                  f"{reason}\n{complaint}".rstrip()) from None
        except BaseException:
            guest.kill()
            raise
    raise CannotStart(complaint)

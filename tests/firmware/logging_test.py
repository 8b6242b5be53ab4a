# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: logging_test.py NM EXAMPLE FOLDER [unittest's arguments]

What is left of a log after a fault, after a reset, and of levels that are not compiled. FOLDER has
the images of tests/firmware/logging.
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

import qemu

NM, EXAMPLE, FOLDER = None, None, None


def image(name):
    return FOLDER / f"{name}.elf"


class ExampleTest(unittest.TestCase):
    def test_tells_what_led_to_its_end(self):
        with qemu.start(EXAMPLE, ready=r"0\.\d+ \[kettle\.thermometer#info\] reading .*") as guest:
            lines = [re.sub(r"^\d+\.\d{6} ", "", line) for line in guest.output.rest()]
            self.assertEqual(guest.wait(), 1)
        self.assertEqual(lines[:4], [
            "[kettle#critical] a timer failed: timed out",
            "[kettle.thermometer#warn] 40.0 C is hot",
            "[kettle.thermometer#warn] 42.5 C is hot",
            "[kettle.thermometer#warn] 45.0 C is hot"])
        self.assertRegex(" ".join(lines[4:6]), r"Fault pc 0x")
        self.assertRegex(lines[6], r"the last that was logged, \d+ lines before it lost:")
        self.assertEqual(lines[-3:], [
            "[kettle.thermometer#warn] 42.5 C is hot",
            "[kettle.thermometer#debug] reading 10: 45.0 C",
            "[kettle.thermometer#warn] 45.0 C is hot"])


class HistoryTest(unittest.TestCase):
    def events(self, *numbers):
        return [f"0.000000 [history#info] event {number}" for number in numbers]

    def started(self, guest, first):
        """The lines told at a start, which begins with `first`."""
        guest.expect(first)
        before = len(guest.output.seen)
        guest.expect("ready")
        return guest.output.seen[before:-1]

    def test_outlives_resets(self):
        with qemu.start(image("log_history"), ready="begun") as guest:
            guest.expect("ready")
            guest.send("lllr")
            self.assertEqual(self.started(guest, "recovered"),
                             ["lost 0", *self.events(0, 1, 2)])
            guest.send("lllr")
            self.assertEqual(self.started(guest, "recovered"),
                             ["lost 1", *self.events(1, 2, 3, 4, 5)])
            guest.send("q")
            self.assertEqual(guest.wait(), 0)

    def test_is_told_after_an_assertion(self):
        with qemu.start(image("log_history"), ready="ready") as guest:
            guest.send("lla")
            guest.expect("last words")
            self.assertEqual(guest.output.rest(), ["lost 0", *self.events(0, 1)])
            self.assertEqual(guest.wait(), 1)

    def test_whose_telling_fails_ends_all_the_same(self):
        with qemu.start(image("log_history"), ready="ready") as guest:
            guest.send("lw")
            guest.expect("last words")
            self.assertNotIn("last words", guest.output.rest())
            self.assertEqual(guest.wait(), 1)


class LevelsTest(unittest.TestCase):
    """What is below the level is not in the image: no text, no call, not a byte."""

    DEBUG, INFO, WARN = b"finely measured", b"switched on with", b"it boils at"

    def has(self, name):
        content = image(name).read_bytes()
        texts = [text in content for text in (self.DEBUG, self.INFO, self.WARN)]
        symbols = subprocess.run([NM, image(name)], check=True, capture_output=True,
                                 text=True).stdout
        return texts, ["measure_finely" in symbols, "measure_coarsely" in symbols]

    def code(self, name):
        """The bytes of the image's flash, without debug information."""
        output = subprocess.run([NM.replace("nm", "size"), image(name)], check=True,
                                capture_output=True, text=True).stdout
        return [int(number) for number in output.splitlines()[1].split()[:2]]

    def said(self, name):
        with qemu.start(image(name), ready="done") as guest:
            self.assertEqual(guest.wait(), 0)
            return guest.output.seen

    def test_all(self):
        self.assertEqual(self.has("log_text"), ([True, True, True], [True, True]))
        self.assertEqual(self.said("log_text"), [
            "0.000000 [kettle#debug] finely measured: 981",
            "0.000000 [kettle#info] switched on with 2 heaters",
            "0.000000 [kettle#warn] it boils at 98", "done"])

    def test_warnings_and_above(self):
        self.assertEqual(self.has("log_warn"), ([False, False, True], [False, True]))
        self.assertEqual(self.said("log_warn"), ["0.000000 [kettle#warn] it boils at 98", "done"])

    def test_none(self):
        self.assertEqual(self.has("log_none"), ([False, False, False], [False, False]))
        self.assertEqual(self.code("log_none"), self.code("log_without"))
        self.assertEqual(self.said("log_none"), ["done"])

    def test_json(self):
        first = json.loads(self.said("log_json")[0])
        self.assertEqual(first, {
            "log_time": 0, "log_level": "debug", "log_namespace": "kettle",
            "log_format": "finely measured: {millikelvin}", "millikelvin": 981})


if __name__ == "__main__":
    NM, EXAMPLE, FOLDER = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)

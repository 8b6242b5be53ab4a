# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: contract_test.py CONTRACT_IMAGE CONTROL_IMAGE [unittest's arguments]

The contract suite on the board, over lwIP's loopback interface: every test there is but those of
groups, passed.
"""

import re
import sys
import unittest

from qemu import ROOT
from process import Process

# The board's lwIP is built without groups (BOBBIN_LWIP_GROUPS), as its Ethernet has none.
ON_HOSTS_ONLY = {"Groups"}

CONTRACT = None
CONTROL = None
SECONDS_MAX = 300


def results(image):
    """The exit status, the verdict of each test by its name, and the other lines."""
    with Process([ROOT / "toolchains" / "run-qemu", image]) as guest:
        lines = guest.output.rest(SECONDS_MAX)
        status = guest.wait()
    found = {}
    others = []
    for line in lines:
        if match := re.fullmatch(r"(ok|FAILED) (\S+)", line):
            found[match[2]] = match[1]
        else:
            others.append(line)
    return status, found, others


def written():
    """The names of the tests in the suite's sources."""
    for source in (ROOT / "tests" / "contract").glob("*_test.cpp"):
        for suite, name in re.findall(r"^TEST_[FP]\((\w+),\s*(\w+)\)", source.read_text(), re.M):
            if suite not in ON_HOSTS_ONLY:
                yield f"{suite}.{name}"


class ContractTest(unittest.TestCase):
    def test_every_test_there_is_passes(self):
        status, found, others = results(CONTRACT)
        self.assertEqual([name for name, verdict in found.items() if verdict != "ok"], [],
                         "\n".join(others))
        self.assertEqual(status, 0, "\n".join(others))
        # A test with values has a prefix before its name and the value behind it.
        run = {re.sub(r"^\w+/|/\w+$", "", name) for name in found}
        self.assertEqual(run, set(written()))
        print(others[-1])


class ControlTest(unittest.TestCase):
    def test_what_is_wrong_fails(self):
        status, found, others = results(CONTROL)
        self.assertEqual(status, 1)
        self.assertEqual({name for name, verdict in found.items() if verdict == "ok"},
                         {"Plain.right", "By/Valued.is_one/1"})
        self.assertEqual(len(found), 13)
        text = "\n".join(others)
        self.assertIn("with 1 message", text)
        self.assertIn("which are left and right", text)
        self.assertNotIn("not said", text)
        self.assertNotIn("not reached", text)


if __name__ == "__main__":
    CONTRACT = sys.argv.pop(1)
    CONTROL = sys.argv.pop(1)
    unittest.main(verbosity=2)

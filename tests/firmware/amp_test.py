# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: amp_test.py VARIANTS_IMAGE [unittest's arguments]

The example that is controlled by AMP as firmware, through QEMU's network.
"""

import sys
import unittest

import qemu

IMAGE = None


def box(**pairs):
    strings = [string.encode() for pair in pairs.items() for string in pair] + [b""]
    return b"".join(len(string).to_bytes(2, "big") + string for string in strings)


class AmpTest(unittest.TestCase):
    def test_is_controlled(self):
        with qemu.start(IMAGE, forward=8001) as guest:
            with guest.connect() as operator:
                operator.sendall(box(_ask="1", _command="GetExclaim") +
                                 box(_ask="2", _command="SetExclaim", value="0.5") +
                                 box(_ask="3", _command="GetExclaim") +
                                 box(_ask="4", _command="Launch"))
                answers = (box(_answer="1", value="0.0") + box(_answer="2") +
                           box(_answer="3", value="0.5") +
                           box(_error="4", _error_code="UNHANDLED",
                               _error_description="Unhandled Command"))
                heard = b""
                while len(heard) < len(answers) and (piece := operator.recv(4096)):
                    heard += piece
                self.assertEqual(heard, answers)
            self.assertEqual(guest.quit(), 0)


if __name__ == "__main__":
    IMAGE = sys.argv.pop(1)
    unittest.main(verbosity=2)

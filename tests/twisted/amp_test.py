# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: amp_test.py BOBBIN_AMP EXAMPLES PYTHON_WITH_TWISTED [unittest's arguments]

bobbin's AMP beside Twisted's: each asks the other for all that there is, and the example `variants`
and its control have Twisted on the other end.
"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from process import Process, command_of  # noqa: E402

BOBBIN = None
EXAMPLES = None
TWISTED = None
QUESTIONS = ("sum", "later", "float", "error", "unhandled", "everything", "nothing", "records",
             "too much", "waited")


class AmpTest(unittest.TestCase):
    def serve(self, *command):
        server = self.enterContext(Process(command))
        return server, int(server.expect(r"listening on (\d+)")[1])

    def end(self, server):
        server.signal(15)
        self.assertEqual(server.wait(), 0, server.errors.rest())

    def assert_says(self, lines, *command):
        with Process(command) as client:
            self.assertEqual(client.output.rest(), lines, client.errors.rest())
            self.assertEqual(client.wait(), 0, client.errors.rest())

    def assert_all_right(self, *command):
        self.assert_says([f"{question}: right" for question in QUESTIONS], *command)

    def test_twisted_asks_twisted(self):
        """That the questions are right."""
        server, port = self.serve(*TWISTED, "serve")
        self.assert_all_right(*TWISTED, "ask", port)
        self.end(server)

    def test_twisted_asks_bobbin(self):
        server, port = self.serve(*BOBBIN, "serve")
        self.assert_all_right(*TWISTED, "ask", port)
        self.end(server)

    def test_bobbin_asks_twisted(self):
        server, port = self.serve(*TWISTED, "serve")
        self.assert_all_right(*BOBBIN, "ask", port)
        self.end(server)

    def test_bobbin_asks_bobbin(self):
        server, port = self.serve(*BOBBIN, "serve")
        self.assert_all_right(*BOBBIN, "ask", port)
        self.end(server)

    def variants(self):
        server = self.enterContext(Process([*command_of(EXAMPLES / "variants"), "--port", "0"]))
        port = int(server.expect(r"controlled on 127\.0\.0\.1:(\d+)")[1])
        server.expect(r"listening on .*")
        return server, port

    def test_twisted_controls_variants(self):
        server, port = self.variants()
        self.assert_says(["0.0 0.0", "0.5 0.5"], *TWISTED, "control", port)
        self.assert_says(["0.5 0.5", "0.5 0.5"], *TWISTED, "control", port)
        self.end(server)

    def test_control_controls_twisted(self):
        server, port = self.serve(*TWISTED, "features")
        control = command_of(EXAMPLES / "variants_control")
        self.assert_says(["0.0 0.0", "0.5 0.5"], *control, "--port", port)
        self.end(server)


if __name__ == "__main__":
    BOBBIN = command_of(pathlib.Path(sys.argv.pop(1)).resolve())
    EXAMPLES = pathlib.Path(sys.argv.pop(1)).resolve()
    TWISTED = [sys.argv.pop(1), "-B", pathlib.Path(__file__).with_name("twisted_amp.py")]
    unittest.main(verbosity=2)

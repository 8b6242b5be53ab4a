# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: http_test.py EXAMPLES PYTHON_WITH_TWISTED [unittest's arguments]

bobbin's HTTP beside Twisted's: Twisted's Agent asks the example `http_server` for all it has, and
Twisted's own site through the example `http_proxy`, which is a server and a client.
"""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from process import Process, command_of  # noqa: E402

EXAMPLES = None
TWISTED = None
GETS = "hello", "much", "nothing", "missing", "later", "together"
ALL = *GETS, "posted", "chunks", "head"


class HttpTest(unittest.TestCase):
    def site(self):
        site = self.enterContext(Process([*TWISTED, "serve"]))
        return int(site.expect(r"listening on (\d+)")[1])

    def example(self, name):
        server = self.enterContext(Process([*command_of(EXAMPLES / name), "--port", "0"]))
        return server, int(server.expect(r"listening on 127\.0\.0\.1:(\d+)")[1])

    def end(self, server):
        server.signal(15)
        self.assertEqual(server.wait(), 0, server.errors.rest())

    def assert_all_right(self, questions, *arguments):
        with Process([*TWISTED, *map(str, arguments)]) as agent:
            self.assertEqual(agent.output.rest(), [f"{question}: right" for question in questions],
                             agent.errors.rest())
            self.assertEqual(agent.wait(), 0, agent.errors.rest())

    def test_twisted_asks_twisted(self):
        """That the questions are right."""
        self.assert_all_right(ALL, "ask", self.site())

    def test_twisted_asks_bobbin(self):
        server, port = self.example("http_server")
        self.assert_all_right(ALL, "ask", port)
        self.end(server)

    def test_bobbin_asks_twisted(self):
        proxy, port = self.example("http_proxy")
        self.assert_all_right(GETS, "get", self.site(), port)
        self.end(proxy)


if __name__ == "__main__":
    EXAMPLES, python = pathlib.Path(sys.argv.pop(1)), sys.argv.pop(1)
    TWISTED = [python, "-B", str(pathlib.Path(__file__).with_name("twisted_http.py"))]
    unittest.main(verbosity=2)

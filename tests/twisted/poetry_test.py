# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: poetry_test.py EXAMPLES_FOLDER PYTHON_WITH_TWISTED [unittest's arguments]

The poetry programs with Twisted's, each as the other's server.
"""

import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from process import PATIENCE, Process  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
POEMS = HERE.parents[1] / "examples" / "poetry" / "poems"
TYGER, SCIENCE = POEMS / "tyger.txt", POEMS / "science.txt"
EXAMPLES = None
PYTHON = None


def twisted(*arguments):
    return [PYTHON, "-B", HERE / "twisted_poetry.py", *map(str, arguments)]


def bobbin(name, *arguments):
    return [EXAMPLES / name, *map(str, arguments)]


class PoetryTest(unittest.TestCase):
    def port(self, command):
        """Of a server that is ready."""
        server = self.enterContext(Process(command))
        return server.expect(r"listening on 127\.0\.0\.1:(\d+)")[1]

    def assert_prints(self, command, text, errors=b"", status=0):
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.stdout, text)
        self.assertEqual(done.returncode, status)
        if errors is not None:
            self.assertEqual(done.stderr, errors)

    def test_clients_of_twisted_servers(self):
        slow, fast = self.port(twisted("slow", TYGER)), self.port(twisted("serve", SCIENCE))
        proxy = self.port(twisted("proxy", slow))
        tyger, science = TYGER.read_bytes(), SCIENCE.read_bytes()
        for style in "callback", "deferred", "coroutine":
            with self.subTest(style=style):
                client = bobbin("poetry_client", "--style", style, slow, fast)
                self.assert_prints(client, science + tyger, None)
                client = bobbin("poetry_client", "--order=command-line", "--style", style, slow,
                                fast, proxy)
                self.assert_prints(client, tyger + science + tyger, None)
        self.assert_prints(bobbin("poetry_blocking_client", slow, fast), tyger + science)

    def test_twisted_clients(self):
        slow = self.port(bobbin("poetry_slow_server", TYGER, "--port=0", "--num-bytes", 100,
                                "--delay", 0.01))
        fast = self.port(bobbin("poetry_server", SCIENCE, "--port", 0))
        proxy = self.port(bobbin("poetry_proxy", "--upstream", slow, "--port", 0))
        tyger, science = TYGER.read_bytes(), SCIENCE.read_bytes()
        self.assert_prints(twisted("get", slow, fast, proxy, proxy),
                           tyger + science + tyger + tyger)

    def test_proxies_before_each_other(self):
        server = self.port(twisted("serve", TYGER))
        inner = self.port(bobbin("poetry_proxy", "--upstream", server, "--port", 0))
        outer = self.port(twisted("proxy", inner))
        outermost = self.port(bobbin("poetry_proxy", "--upstream", outer, "--port", 0))
        self.assert_prints(twisted("get", outermost, outermost), TYGER.read_bytes() * 2)

    def test_transforms(self):
        fast = self.port(twisted("serve", SCIENCE))
        ours = self.port(bobbin("poetry_transform_server", "--port", 0))
        theirs = self.port(twisted("transform"))
        for transformer in ours, theirs:
            self.assert_prints(bobbin("poetry_transform_client", transformer, fast),
                               SCIENCE.read_bytes().lower())
            self.assert_prints(twisted("ask", transformer, "cummingsify.HERE IS MY POEM"),
                               b"here is my poem")
            self.assert_prints(twisted("ask", transformer, "prosify.A"), b"no answer")
        self.assert_prints(bobbin("poetry_transform_client", "--transform=x", theirs, fast),
                           SCIENCE.read_bytes(), None, status=1)


if __name__ == "__main__":
    EXAMPLES = pathlib.Path(sys.argv.pop(1)).resolve()
    PYTHON = sys.argv.pop(1)
    unittest.main(verbosity=2)

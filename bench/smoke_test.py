#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""That the bench's table comes out right: with the bare loop and bobbin, and little of everything.

No time is asserted.
"""

import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

BENCH = pathlib.Path(__file__).resolve().parent
PROGRAMS = pathlib.Path(sys.argv.pop()).resolve()

# Answers, but not with what it was sent.
LIAR = """#!/usr/bin/env python3
import socket
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    connection, _ = listener.accept()
    while data := connection.recv(1 << 16):
        connection.sendall(b"x" * len(data))
"""


# Each answer has another time; those of the second connection have CONTENT.
WEB_SERVER = """#!/usr/bin/env python3
import itertools
import socket
import time
HEAD = b"HTTP/1.1 200 OK\\r\\nDate: %09d\\r\\nContent-Length: 13\\r\\n\\r\\n"
times = itertools.count()
with socket.create_server(("127.0.0.1", 0)) as listener:
    print(f"listening on 127.0.0.1:{listener.getsockname()[1]}", flush=True)
    for content in (b"Hello, world\\n", CONTENT):
        connection, _ = listener.accept()
        while data := connection.recv(1 << 16):
            for _ in range(data.count(b"GET ")):
                connection.sendall(HEAD % next(times) + content)
    time.sleep(60)
"""


class Result:
    """What one run of the bench printed and wrote."""

    def __init__(self, *arguments, programs=PROGRAMS, descriptors=None):
        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        with tempfile.TemporaryDirectory() as output:
            done = subprocess.run(
                [sys.executable, "-B", BENCH / "run.py", programs, "--output", output, "--smoke",
                 "--rounds", "1", "--servers", "epoll,bobbin", "--connections", "1,100",
                 "--milliseconds", "10", "--timers", "1000", "--calls", "20000", *arguments],
                capture_output=True, text=True, timeout=120, check=False, preexec_fn=limit)
            self.status, self.table, self.errors = done.returncode, done.stdout, done.stderr
            self.json = json.loads((pathlib.Path(output) / "bench.json").read_text("utf-8"))
            self.picture = (pathlib.Path(output) / "bench.svg").read_text("utf-8")
        self.rows = self.json["rows"]

    def line(self, row):
        found = [line for line in self.table.split("\n")
                 if line.startswith(f"  {row['what']} ") and f" {row['unit']} " in line]
        assert len(found) == 1, f"{row['what']}, {row['unit']}: {len(found)} lines"
        return found[0]


class TheBench(unittest.TestCase):
    """Of the bare loop and bobbin."""

    def test_has_a_line_for_each_figure(self):
        result = Result("--only", "echo")
        self.assertEqual(result.status, 0, result.table + result.errors)
        self.assertEqual(len(result.rows), 2 * 2 * 2 * 4)
        for row in result.rows:
            base, own = row["median"]["epoll"], row["median"]["bobbin"]
            self.assertGreater(base, 0, row)
            self.assertGreater(own, 0, row)
            self.assertEqual(row["ratio"]["epoll"], 1)
            self.assertAlmostEqual(row["ratio"]["bobbin"], own / base)
            words = result.line(row).split()
            # A ratio below a tenth has two digits that mean something all the same.
            self.assertIn(words[-1], (f"{own / base:.2f}", f"{own / base:.2g}"))
            self.assertEqual(words[-2], "1.00")

    def test_measures_timers_and_posted_calls(self):
        result = Result("--only", "timers,posts")
        self.assertEqual(result.status, 0, result.table + result.errors)
        self.assertEqual([row["part"] for row in result.rows], ["timers"] * 3 + ["posts"] * 3)
        for row in result.rows:
            self.assertGreater(row["median"]["bobbin"], 0, row)

    def test_measures_framings_beside_twisted(self):
        result = Result("--only", "framing", "--messages", "6400")
        self.assertEqual(result.status, 0, result.table + result.errors)
        self.assertEqual([row["part"] for row in result.rows], ["framing"] * 3)
        for row in result.rows:
            self.assertGreater(row["median"]["bobbin"], 0, row)
            self.assertGreater(row["median"]["twisted"], 0, row)
            self.assertIn("twisted ", result.line(row))

    def test_measures_compositions_beside_those_who_have_them(self):
        result = Result("--only", "composition", "--compositions", "6400")
        self.assertEqual(result.status, 0, result.table + result.errors)
        self.assertEqual([row["base"] for row in result.rows], ["twisted", "asio"])
        self.assertGreater(result.rows[0]["median"]["twisted"], 0)
        for row in result.rows:
            self.assertGreater(row["median"]["bobbin"], 0, row)

    def test_measures_http_servers_that_are_there(self):
        result = Result("--only", "http", "--http-connections", "1,8", "--servers",
                        "bobbin,twisted")
        self.assertEqual(result.status, 0, result.table + result.errors)
        self.assertEqual([row["unit"] for row in result.rows],
                         ["server's CPU, ns", "requests/s"] * 4)
        for row in result.rows:
            self.assertEqual(row["base"], "bobbin")
            self.assertGreater(row["median"]["bobbin"], 0, row)
            twisted = row["median"]["twisted"] / row["median"]["bobbin"]
            words = result.line(row).split()
            self.assertEqual(words[-2], "1.00")
            self.assertIn(words[-1], (f"{twisted:.2f}", f"{twisted:.2g}"))
        self.assertIn("figure of    bobbin   twisted\n", result.table)

    def test_measures_how_a_head_is_parsed(self):
        result = Result("--only", "parser", "--heads", "1000")
        self.assertEqual(result.status, 0, result.table + result.errors)
        self.assertEqual([row["unit"] for row in result.rows], ["ns"])
        self.assertGreater(result.rows[0]["median"]["bobbin"], 0)

    def test_draws_what_it_found(self):
        result = Result("--only", "echo,memory,timers,http", "--http-connections", "1")
        root = xml.etree.ElementTree.fromstring(result.picture)
        bars = [item for item in root.iter()
                if item.tag.endswith("rect") and item.get("class") == "bobbin"]
        # Of what is pipelined only how much of it there is, and of timers no instructions.
        figures = [row for row in result.rows if row["unit"] in ("messages/s", "requests/s")
                   or row["part"] == "memory" or row["part"] == "timers"
                   or row["part"] in ("echo", "http") and "pipelined" not in row["what"]]
        self.assertEqual(len(bars), len(figures))

    def test_says_what_the_machine_does_not_permit(self):
        result = Result("--only", "echo", descriptors=96)
        self.assertEqual(result.status, 0, result.table + result.errors)
        notes = [row["note"] for row in result.rows if row["note"]]
        self.assertEqual(notes, ["not permitted: 132 descriptors, of which this machine allows 96"]
                         * 4)
        self.assertEqual(result.table.count(notes[0]), 4)

    def with_program(self, name, text, *arguments):
        """A run of the bench in which the text is the program of that name."""
        with tempfile.TemporaryDirectory() as folder:
            programs = pathlib.Path(folder)
            for other in ("load", "epoll_echo"):
                os.symlink(PROGRAMS / other, programs / other)
            (programs / name).write_text(text, "utf-8")
            (programs / name).chmod(0o755)
            return Result(*arguments, programs=programs)

    def with_web_server(self, content):
        return self.with_program("bobbin_http", WEB_SERVER.replace("CONTENT", repr(content)),
                                 "--only", "http", "--http-connections", "1", "--servers", "bobbin")

    def test_knows_that_time_passes(self):
        result = self.with_web_server(b"Hello, world\n")
        self.assertEqual(result.status, 0, result.table + result.errors)

    def test_fails_when_an_answer_is_another(self):
        result = self.with_web_server(b"Hello, World\n")
        self.assertEqual(result.status, 1)
        self.assertIn("bobbin: status 1: load: an answer is not as the first one was",
                      result.table)

    def test_fails_when_what_comes_back_is_not_what_was_sent(self):
        result = self.with_program("bobbin_echo", LIAR, "--only", "echo", "--connections", "1")
        self.assertEqual(result.status, 1)
        self.assertIn("bobbin: status 1: load: what came back is not what was sent", result.table)
        for row in result.rows:
            self.assertNotIn("bobbin", row["ratio"])


if __name__ == "__main__":
    unittest.main()

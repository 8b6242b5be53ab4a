#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""Measures bobbin beside its peers and prints one table of ratios; see README.md.

The rounds are interleaved: the first of everybody, then the second of everybody. What is printed is
the median of the rounds, and for what is timed the median of the ratios within each round.
"""

import argparse
import itertools
import json
import os
import pathlib
import platform
import re
import statistics
import sys

import measure
import picture

PEERS = ["bobbin", "libuv", "libevent", "asio"]
SERVERS = ["epoll", *PEERS]
WEB_SERVERS = ["nginx", "bobbin", "microhttpd", "twisted"]
PARSERS = ["picohttpparser", "bobbin"]
EVERYBODY = list(dict.fromkeys([*SERVERS, *WEB_SERVERS, *PARSERS]))
PARTS = ["echo", "instructions", "syscalls", "timers", "posts", "memory", "framing", "composition",
         "http", "parser"]

ECHO_MEASURES = [("server_ns", "server's CPU, ns", "less"), ("per_second", "messages/s", "more"),
                 ("p50_us", "latency 50 %, us", "less"), ("p99_us", "latency 99 %, us", "less")]
HTTP_MEASURES = [("server_ns", "server's CPU, ns", "less"), ("per_second", "requests/s", "more")]
MEMORY_SIZES = ("--receive", 1024, "--send", 1024)


class Row:
    """One line of the table: a figure of everybody, and its ratio to that of `base`."""

    def __init__(self, part, what, unit, base, better="less"):
        self.part, self.what, self.unit, self.base, self.better = part, what, unit, base, better
        self.rounds = {}
        self.note = None

    def add(self, name, value):
        self.rounds.setdefault(name, []).append(value)

    def median(self, name):
        return statistics.median(self.rounds[name])

    def ratio(self, name):
        pairs = zip(self.rounds[name], self.rounds[self.base])
        ratios = [own / base for own, base in pairs if base > 0]
        return statistics.median(ratios) if ratios else None

    def as_json(self):
        names = [] if self.note else list(self.rounds)
        with_ratio = names if self.base in self.rounds else []
        return {"part": self.part, "what": self.what, "unit": self.unit, "better": self.better,
                "base": self.base, "note": self.note,
                "median": {name: self.median(name) for name in names},
                "ratio": {name: self.ratio(name) for name in with_ratio}}


class Bench:
    """What is to be measured, and the rows it has come to."""

    def __init__(self, options):
        self.options = options
        self.programs = pathlib.Path(options.programs)
        self.rows = []
        self.failures = []

    def names(self, among):
        return [name for name in among if name in self.options.servers]

    def row(self, part, what, unit, base, better="less", among=PEERS):
        if base not in self.options.servers:
            base = self.names(among)[0]
        row = Row(part, what, unit, base, better)
        self.rows.append(row)
        return row

    def rounds(self, label, names, work):
        """Calls work(name) for everybody, round by round. Who fails once is left out."""
        failed = set()
        for number in range(self.options.rounds):
            progress(f"{label}: round {number + 1}")
            for name in names:
                if name in failed:
                    continue
                try:
                    work(name)
                except (measure.Failed, AssertionError, OSError) as error:
                    failed.add(name)
                    self.failures.append(f"{label}, {name}: {error}")
        progress("")

    def once(self, label, names, work):
        rounds, self.options.rounds = self.options.rounds, 1
        self.rounds(label, names, work)
        self.options.rounds = rounds

    def echo(self):
        for cell in itertools.product((64, 16384), (1, 16), self.options.connections):
            size, pipelined, connections = cell
            what = f"{size_text(size)}, {connections:,} connection{'s' * (connections > 1)}"
            what += f", {pipelined} pipelined" if pipelined > 1 else ""
            reason = measure.not_permitted(*cell)
            if reason:
                self.row("echo", what, "messages/s", "epoll").note = reason
                continue
            rows = {key: self.row("echo", what, unit, "epoll", better)
                    for key, unit, better in ECHO_MEASURES}

            def work(name, cell=cell, rows=rows):
                seen = measure.echo(self.programs, name, cell, self.options.milliseconds)
                for key, row in rows.items():
                    row.add(name, seen[key])
            self.rounds(f"echo of {what}", self.names(SERVERS), work)

    def counts(self, part, unit, count):
        for connections in (1, 10):
            what = f"64 B, {connections} connection{'s' * (connections > 1)}"
            row = self.row(part, what, unit, "epoll")
            self.once(f"{part}, {what}", self.names(SERVERS),
                      lambda name, row=row, connections=connections: row.add(
                          name, count(self.programs, name, connections)))

    def instructions(self):
        self.counts("instructions", "instructions", measure.echo_instructions)

    def syscalls(self):
        self.counts("syscalls", "system calls", measure.echo_system_calls)

    def timers(self):
        count = self.options.timers
        for unit, work, again in (("ns", measure.timers, self.rounds),
                                  ("instructions", measure.timer_instructions, self.once)):
            if unit == "instructions" and self.options.smoke:
                continue
            rows = {phase: self.row("timers", f"{phase} one of {count:,} timers", unit, "libuv")
                    for phase in measure.TIMER_PHASES}

            def measured(name, work=work, rows=rows):
                seen = work(self.programs, name, count)
                for phase, row in rows.items():
                    row.add(name, seen[phase])
            again(f"timers, {unit}", self.names(PEERS), measured)

    def posts(self):
        whats = {"own": "a call posted by the same thread",
                 "foreign": "a call posted by another thread",
                 "single": "the same, one at a time"}
        calls = self.options.calls
        for posting, what in whats.items():
            row = self.row("posts", what, "ns", "libuv")
            number = calls // 20 if posting == "single" else calls
            self.rounds(what, self.names(PEERS), lambda name, row=row, posting=posting, n=number:
                        row.add(name, measure.posts(self.programs, name, posting, n)))
            if self.options.smoke:
                continue
            row = self.row("posts", what, "instructions", "libuv")
            self.once(what, self.names(PEERS), lambda name, row=row, posting=posting:
                      row.add(name, measure.post_instructions(self.programs, name, posting)))

    def memory(self):
        what = "10,000 connections with 1 KiB + 1 KiB"
        row = self.row("memory", what, "bytes each", "epoll")
        row.note = measure.not_permitted(64, 1, 10_000)
        if row.note:
            return
        self.once("memory", self.names(SERVERS), lambda name: row.add(
            name, measure.memory(self.programs, name, 10_000, MEMORY_SIZES)))

    def framing(self):
        """Beside Twisted, which measures nothing else, so its figure is the base."""
        rows = {kind: Row("framing", f"{what} of 60 bytes received", "ns", "twisted")
                for kind, what in measure.FRAMINGS.items()}
        self.rows += rows.values()

        def measured(name):
            seen = measure.framing(self.programs, name, self.options.messages)
            for kind, row in rows.items():
                row.add(name, seen[kind])
        self.rounds("framing", ["twisted", "bobbin"], measured)

    def composition(self):
        """Each beside the one who has the same: Twisted its Deferred, Asio its coroutines."""
        for kind, what in (("deferred", "a Deferred, 2 callbacks, fired"),
                           ("await", "a co_await of a trivial child")):
            peer = measure.COMPOSITIONS[kind][1]
            names = [name for name in (peer, "bobbin")
                     if name == "twisted" or name in self.options.servers]
            row = Row("composition", what, "ns", peer)
            self.rows.append(row)
            self.rounds(what, names, lambda name, row=row, kind=kind: row.add(
                name, measure.composition(self.programs, name, kind, self.options.compositions)))
            if self.options.smoke:
                continue
            row = Row("composition", what, "instructions", peer)
            self.rows.append(row)
            self.once(what, names, lambda name, row=row, kind=kind: row.add(
                name, measure.composition_instructions(self.programs, name, kind)))

    def http(self):
        """Each beside nginx, with the same request and answer."""
        for pipelined, connections in itertools.product((1, 16), self.options.http_connections):
            what = f"13 B, {connections:,} connection{'s' * (connections > 1)}"
            what += f", {pipelined} pipelined" if pipelined > 1 else ""
            rows = {key: self.row("http", what, unit, "nginx", better, WEB_SERVERS)
                    for key, unit, better in HTTP_MEASURES}

            def work(name, cell=(pipelined, connections), rows=rows):
                seen = measure.http(self.programs, name, cell, self.options.milliseconds)
                for key, row in rows.items():
                    row.add(name, seen[key])
            self.rounds(f"http, {what}", self.names(WEB_SERVERS), work)

    def parser(self):
        what = "a request's head of 700 bytes"
        row = self.row("parser", what, "ns", "picohttpparser", among=PARSERS)
        self.rounds(what, self.names(PARSERS), lambda name: row.add(
            name, measure.parser(self.programs, name, self.options.heads)))
        if self.options.smoke:
            return
        counts = self.row("parser", what, "instructions", "picohttpparser", among=PARSERS)
        self.once(what, self.names(PARSERS), lambda name: counts.add(
            name, measure.parser_instructions(self.programs, name)))


def progress(words):
    """The line that a terminal shows meanwhile."""
    if sys.stderr.isatty():
        print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)


def size_text(size):
    return f"{size // 1024} KiB" if size >= 1024 else f"{size} B"


def number_text(number):
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def ratio_text(ratio):
    if ratio is None:
        return "-"
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.2g}"


def table_lines(rows, names):
    """The table: for each row what it is, the base's figure, and everybody's ratio to it.

    `names(part)` are those who have a column.
    """
    part = None
    for row in rows:
        if row["part"] != part:
            part = row["part"]
            columns = {name: max(10, len(name) + 2) for name in names(part)}
            yield ""
            yield (f"{part:<64}{'figure of':>24}" +
                   "".join(f"{name:>{width}}" for name, width in columns.items()))
        if row["note"]:
            yield f"  {row['what']:<42} {row['note']}"
            continue
        base = row["median"].get(row["base"])
        figure = f"{row['base']} {number_text(base)}" if base is not None else "-"
        yield (f"  {row['what']:<42} {row['unit']:<19}{figure:>24}" +
               "".join(f"{ratio_text(row['ratio'].get(name)):>{width}}"
                       for name, width in columns.items()))


def json_text(result):
    """With a line for each row."""
    head = json.dumps({**result, "rows": []})
    rows = ",\n".join(json.dumps(row) for row in result["rows"])
    return head.removesuffix("]}") + "\n" + rows + "\n]}\n"


def machine():
    """What kind of machine it is; not which one."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.MULTILINE)
    return {"processor": model[1] if model else platform.machine(), "cpus": len(measure.CPUS),
            "system": platform.system(), "architecture": platform.machine()}


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("programs", help="where the programs are")
    parser.add_argument("--output", required=True, help="folder for bench.json and bench.svg")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument("--servers", default=",".join(EVERYBODY), help=f"of {','.join(EVERYBODY)}")
    parser.add_argument("--connections", default="1,100,1000,10000", help="of the echoes")
    parser.add_argument("--http-connections", default="1,32,256", help="of the HTTP servers")
    parser.add_argument("--milliseconds", type=int, default=200, help="of one run of an echo")
    parser.add_argument("--timers", type=int, default=100_000)
    parser.add_argument("--calls", type=int, default=200_000)
    parser.add_argument("--messages", type=int, default=1 << 22, help="of each framing")
    parser.add_argument("--compositions", type=int, default=1 << 22, help="of each kind")
    parser.add_argument("--heads", type=int, default=1 << 19, help="that are parsed")
    parser.add_argument("--smoke", action="store_true", help="nothing that needs valgrind")
    options = parser.parse_args(arguments)
    options.servers = options.servers.split(",")
    options.only = options.only.split(",")
    for name in ("connections", "http_connections"):
        setattr(options, name, [int(number) for number in getattr(options, name).split(",")])
    for given, known in ((options.only, PARTS), (options.servers, EVERYBODY)):
        for name in given:
            if name not in known:
                parser.error(f"'{name}' is not one of {', '.join(known)}")
    return options


def main(arguments):
    options = parse(arguments)
    bench = Bench(options)
    for part in options.only:
        getattr(bench, part)()
    result = {"machine": machine(), "rounds": options.rounds, "failures": bench.failures,
              "rows": [row.as_json() for row in bench.rows]}
    columns = {"http": WEB_SERVERS, "parser": PARSERS}
    print("\n".join(table_lines(result["rows"],
                                lambda part: bench.names(columns.get(part, SERVERS)))))
    for failure in bench.failures:
        print(f"failed: {failure}")
    output = pathlib.Path(options.output)
    os.makedirs(output, exist_ok=True)
    (output / "bench.json").write_text(json_text(result), encoding="utf-8")
    (output / "bench.svg").write_text(picture.draw(result), encoding="utf-8")
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

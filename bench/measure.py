# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""What the bench measures: each function measures one thing once and returns numbers."""

import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "support"))
from process import Process  # noqa: E402

# Descriptors of a server or of the load beside its connections.
DESCRIPTORS = 32
# More bytes under way than this would be a measure of the machine's memory.
UNDER_WAY_MAX = 1 << 30
PATIENCE = 120

BENCH = pathlib.Path(__file__).resolve().parent
PYTHON = ["/usr/bin/python3", "-B"]
NGINX = "/usr/sbin/nginx"

CPUS = sorted(os.sched_getaffinity(0))
ON_FIRST = ["taskset", "-c", str(CPUS[0])]
ON_LAST = ["taskset", "-c", str(CPUS[-1])]
# A batch process does not interrupt another when it wakes: the load sends on every connection
# before the server runs, so how many messages one wait brings does not depend on the machine.
ON_LAST_IN_BATCHES = ["chrt", "-b", "0", *ON_LAST]

VALGRIND = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]


class Failed(Exception):
    """A program did not do what it should; says what it printed."""


def not_permitted(size, pipelined, connections):
    """Why this machine cannot carry such an echo; None if it can."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    needed = connections + DESCRIPTORS
    if allowed != resource.RLIM_INFINITY and needed > allowed:
        return f"not permitted: {needed:,} descriptors, of which this machine allows {allowed:,}"
    under_way = size * pipelined * connections
    if under_way > UNDER_WAY_MAX:
        return f"not measured: {under_way / (1 << 30):.1f} GiB would be under way"
    return None


def run(command):
    """The output of a program that ends by itself, and what it wrote to standard error."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"{words}: no end in {PATIENCE} s") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().split("\n")[-1]
        raise Failed(f"status {done.returncode}: {said}")
    return done.stdout, done.stderr


class Server:
    """A server that is listening. `command` is run by `around`, as taskset or valgrind does."""

    def __init__(self, command, around=(), **options):
        self.process = Process([*around, *command], **options)
        self.port = self._find_port()

    def _find_port(self):
        return int(self.process.expect(r"listening on 127\.0\.0\.1:(\d+)")[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()

    def end(self, pid=None):
        """Ends it in order and returns what it wrote to standard error."""
        os.kill(pid or self.process.pid, signal.SIGTERM)
        self.process.wait(PATIENCE)
        return "\n".join(self.process.errors.rest(PATIENCE))


class Nginx(Server):
    """nginx, which takes no port but one that it is told: a socket of ours keeps one for it."""

    def __init__(self, connections, around=()):
        self.folder = tempfile.TemporaryDirectory()
        self.place = socket.socket()
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.place.bind(("127.0.0.1", 0))
        text = (BENCH / "servers" / "nginx.conf").read_text("utf-8")
        for word, number in (("PORT", self.place.getsockname()[1]), ("CONNECTIONS", connections)):
            text = text.replace(word, str(number))
        conf = pathlib.Path(self.folder.name, "nginx.conf")
        conf.write_text(text, "utf-8")
        super().__init__([NGINX, "-p", conf.parent, "-c", conf, "-e", "stderr"], around)

    def _find_port(self):
        self.process.hear(r".*using the \"epoll\" event method")
        return self.place.getsockname()[1]

    def __exit__(self, *_):
        super().__exit__()
        self.place.close()
        self.folder.cleanup()


def echo_server(programs, name, connections, around=(), sizes=()):
    return Server([programs / f"{name}_echo", "--port", 0, "--connections",
                   connections + DESCRIPTORS, *sizes], around)


def http_server(programs, name, connections, around=()):
    connections += DESCRIPTORS
    if name == "nginx":
        return Nginx(connections, around)
    command = ([*PYTHON, BENCH / "servers" / "twisted_http.py"] if name == "twisted" else
               [programs / f"{name}_http"])
    return Server([*command, "--port", 0, "--connections", connections], around)


def loaded(programs, server, milliseconds, *options):
    """Messages each second, latencies, and the server's processor time for each message."""
    output, _ = run([*ON_LAST, programs / "load", "--port", server.port,
                     "--server", server.process.pid, "--warm-up-ms", milliseconds // 4,
                     "--duration-ms", milliseconds, *options])
    seen = json.loads(output)
    if seen["messages"] == 0:
        raise Failed("no message came back")
    return {"per_second": seen["messages"] / seen["seconds"],
            "server_ns": seen["server_seconds"] * 1e9 / seen["messages"],
            "p50_us": seen["p50_us"], "p99_us": seen["p99_us"]}


def echo(programs, name, cell, milliseconds):
    size, pipelined, connections = cell
    with echo_server(programs, name, connections, ON_FIRST) as server:
        seen = loaded(programs, server, milliseconds, "--size", size, "--pipelined", pipelined,
                      "--connections", connections)
        server.end()
    return seen


def http(programs, name, cell, milliseconds):
    pipelined, connections = cell
    with http_server(programs, name, connections, ON_FIRST) as server:
        return loaded(programs, server, milliseconds, "--http", 1, "--pipelined", pipelined,
                      "--connections", connections)


def difference(count, few, many):
    """What one more costs: both runs have the same beginning and end."""
    return (count(many) - count(few)) / (many - few)


def _load(programs, server, connections, messages):
    run([*ON_LAST, programs / "load", "--port", server.port, "--connections", connections,
         "--messages", messages])


def _refs(text):
    return int(re.search(r"I\s+refs:\s+([\d,]+)", text)[1].replace(",", ""))


def echo_instructions(programs, name, connections):
    def count(messages):
        around = [*ON_LAST_IN_BATCHES, *VALGRIND]
        with echo_server(programs, name, connections, around) as server:
            _load(programs, server, connections, messages)
            return _refs(server.end())
    return difference(count, 1000, 6000)


def echo_system_calls(programs, name, connections):
    def count(messages):
        around = [*ON_LAST_IN_BATCHES, "strace", "-c", "-f"]
        with echo_server(programs, name, connections, around) as server:
            _load(programs, server, connections, messages)
            pid = server.process.pid
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                traced = int(file.read().split()[0])
            table = server.end(traced)
        total = re.search(r"^100\.00\s+\S+\s+(?:\d+\s+)?(\d+)\s+(?:\d+\s+)?total$", table,
                          re.MULTILINE)
        return int(total[1])
    return difference(count, 1000, 6000)


def memory(programs, name, connections, sizes):
    """Bytes of the server for each connection that has echoed one message and is idle."""
    with echo_server(programs, name, connections, sizes=sizes) as server:
        before = server.process.resident_kib()
        with Process([programs / "load", "--port", server.port, "--connections", connections,
                      "--hold", 1]) as load:
            load.expect("connected")
            after = server.process.resident_kib()
    return (after - before) * 1024 / connections


TIMER_PHASES = ("start", "cancel", "fire")


def timers(programs, name, count):
    """Nanoseconds for each timer."""
    output, _ = run([*ON_FIRST, programs / f"{name}_timers", "--timers", count])
    return json.loads(output)


def timer_instructions(programs, name, count):
    def until(phase):
        _, errors = run([*VALGRIND, programs / f"{name}_timers", "--timers", count,
                         "--first-ms", 4000, "--until", phase])
        return _refs(errors)
    nothing, started, cancelled, fired = (until(phase) for phase in range(4))
    return {"start": (started - nothing) / count, "cancel": (cancelled - started) / count,
            "fire": (fired - started) / count}


# As in posts/posts.hpp: who posts, and how many calls a batch has.
POSTINGS = {"own": (0, 1000), "foreign": (1, 1000), "single": (2, 1)}


def posts(programs, name, posting, calls):
    """Nanoseconds for each call, from its posting until it has run."""
    number, batch = POSTINGS[posting]
    output, _ = run([programs / f"{name}_posts", "--posting", number, "--batches", calls // batch])
    return float(output)


def post_instructions(programs, name, posting):
    number, batch = POSTINGS[posting]

    def count(calls):
        _, errors = run([*VALGRIND, programs / f"{name}_posts", "--posting", number,
                         "--batches", calls // batch])
        return _refs(errors)
    few, many = (10_000, 60_000) if batch > 1 else (500, 3000)
    return difference(count, few, many)


FRAMINGS = {"line": "a line", "netstring": "a netstring", "int32": "an Int32 string"}


def framing(programs, name, messages):
    """Nanoseconds for each message that a receiver is given."""
    if name == "twisted":
        command = [*PYTHON, BENCH / "framing" / "twisted_framing.py",
                   "--messages", max(messages // 32, 64)]
    else:
        command = [programs / "bobbin_framing", "--messages", messages]
    output, _ = run([*ON_FIRST, *command])
    return json.loads(output)


# As in composition/bobbin_composition.cpp, and beside whom.
COMPOSITIONS = {"deferred": (0, "twisted"), "await": (1, "asio")}


def _composition(programs, name, what, rounds):
    if name == "twisted":
        return [*PYTHON, BENCH / "composition" / "twisted_composition.py", "--rounds", rounds]
    return [programs / f"{name}_composition", "--what", COMPOSITIONS[what][0], "--rounds", rounds]


def composition(programs, name, what, rounds):
    """Nanoseconds for each round."""
    if name == "twisted":
        rounds = max(rounds // 32, 64)
    output, _ = run([*ON_FIRST, *_composition(programs, name, what, rounds)])
    return float(output)


def composition_instructions(programs, name, what):
    def count(rounds):
        _, errors = run([*VALGRIND, *_composition(programs, name, what, rounds)])
        return _refs(errors)
    return difference(count, 1000, 3000)


def parser(programs, name, heads):
    """Nanoseconds for each head."""
    output, _ = run([*ON_FIRST, programs / f"{name}_parser", "--heads", heads])
    return float(output)


def parser_instructions(programs, name):
    def count(heads):
        _, errors = run([*VALGRIND, programs / f"{name}_parser", "--heads", heads])
        return _refs(errors)
    return difference(count, 1000, 3000)

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: browsers_test.py DASHBOARD_IMAGE SITE_IMAGE PAGE FILES [unittest's arguments]

Eight browsers at once, each with six connections: a stream of events, and five that are kept for
one request after the other. DASHBOARD_IMAGE evicts for who finds no room, in SITE_IMAGE they wait.
PAGE is the file that is in the first, FILES the directory of those in the second.
"""

import concurrent.futures
import http.client
import json
import pathlib
import queue
import random
import select
import sys
import threading
import unittest

import qemu
from process import PATIENCE

DASHBOARD = SITE = PAGE = FILES = None
BROWSERS = 8
KEPT = 5
CONNECTIONS = BROWSERS * (1 + KEPT)
ROUNDS = 3
LINE = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n"


def ask(client, method, path, body=None, **fields):
    client.request(method, path, body, fields)
    response = client.getresponse()
    return response.status, response.read()


def at_once(function, clients):
    """What the function returns for each, all of them at the same time."""
    with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(function, clients))


def silent(client, seconds=1):
    return not select.select([client.sock], [], [], seconds)[0]


class Events(threading.Thread):
    """The stream of one browser, of which everything is read as it comes."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client = client
        self.seen = queue.SimpleQueue()
        client.request("GET", "/events")
        self._response = client.getresponse()
        self.start()

    def run(self):
        event = {}
        try:
            while line := self._response.readline().decode():
                name, _, value = line.rstrip("\n").partition(": ")
                if name:
                    event[name] = value
                elif event:
                    self.seen.put(event)
                    event = {}
        except (OSError, http.client.HTTPException, AttributeError):
            pass  # it was closed
        self.seen.put(None)

    def next(self, kind):
        """The next event of this kind."""
        while True:
            event = self.seen.get(timeout=PATIENCE)
            if event is None:
                raise AssertionError("the stream has ended")
            if event.get("event") == kind:
                return event

    def latest(self, kind):
        """The next one that comes from now on."""
        while not self.seen.empty():
            self.seen.get()
        return self.next(kind)


class Browsers(unittest.TestCase):
    def start(self, image):
        self.guest = self.enterContext(qemu.start(image, forward=80))

    def client(self):
        client = http.client.HTTPConnection("127.0.0.1", timeout=PATIENCE)
        client.sock = self.guest.connect()
        self.addCleanup(client.close)
        return client

    def clients(self, count):
        return [self.client() for _ in range(count)]

    def in_use(self, pool):
        return self.guest.report()[pool].in_use

    def until(self, state, wanted):
        """Asks for the state again and again until it is what is wanted."""
        for _ in range(200):
            if (now := state()) == wanted:
                return
            threading.Event().wait(0.1)
        self.assertEqual(now, wanted)


class DashboardTest(Browsers):
    def setUp(self):
        self.start(DASHBOARD)
        self.names = None

    def sample(self, stream):
        return json.loads(stream.latest("sample")["data"])

    def levels(self, stream):
        """How many of each pool are in use."""
        return {name: pool[0]
                for name, pool in zip(self.names, self.sample(stream)["pools"])}

    def look(self):
        """A stream that has told of itself."""
        stream = Events(self.client())
        about = json.loads(stream.next("about")["data"])
        self.names = [pool["name"] for pool in about["pools"]]
        return stream

    def browse(self, client):
        for _ in range(ROUNDS):
            client.request("GET", "/")
            response = client.getresponse()
            etag = response.getheader("ETag")
            self.assertEqual((response.status, response.read()), (200, PAGE))
            self.assertEqual(ask(client, "GET", "/", **{"If-None-Match": etag}), (304, b""))
            self.assertEqual(ask(client, "GET", "/nowhere")[0], 404)

    def test_serves_all_of_them_and_is_as_it_was_when_they_have_gone(self):
        first = self.look()
        # What one who looks takes, with nothing on its way to him.
        before = self.levels(first)
        for _ in range(5):
            before = {name: min(level, before[name])
                      for name, level in self.levels(first).items()}
        self.assertEqual(before["connections"], 1)
        streams = [self.look() for _ in range(BROWSERS - 1)]
        kept = self.clients(BROWSERS * KEPT)
        at_once(self.browse, kept)

        for stream in [first, *streams]:
            sample = self.sample(stream)
            self.assertEqual((sample["streams"], sample["evicted"]), (BROWSERS, 0))
            pools = dict(zip(self.names, sample["pools"]))
            self.assertEqual(pools["connections"][:3], [CONNECTIONS] * 3)
            self.assertEqual([pool[3] for pool in pools.values()], [0] * len(pools), "refused")
        for client in kept + [stream.client for stream in streams]:
            client.close()
        self.until(lambda: self.levels(first), before)
        self.assertEqual(self.guest.quit(), 0)

    def test_one_more_has_the_place_of_one_who_is_idle(self):
        kept = self.clients(BROWSERS * KEPT)
        for client in kept:
            self.assertEqual(ask(client, "GET", "/"), (200, PAGE))
        streams = [self.look() for _ in range(BROWSERS)]
        # So long that those who only look on are idle, and streams are not.
        for _ in range(8):
            streams[-1].next("sample")

        self.assertEqual(ask(self.client(), "GET", "/"), (200, PAGE))
        for stream in streams:
            self.assertEqual(self.sample(stream)["evicted"], 1)
        self.assertEqual(sum(not silent(client, 0) for client in kept), 1)
        self.assertEqual(self.guest.quit(), 0)


class SiteTest(Browsers):
    def setUp(self):
        self.start(SITE)

    def browse(self, client):
        sent = random.randbytes(100)
        for _ in range(ROUNDS):
            self.assertEqual(ask(client, "GET", "/page/"),
                             (200, (FILES / "index.html").read_bytes()))
            self.assertEqual(ask(client, "GET", "/page/page.css"),
                             (200, (FILES / "page.css").read_bytes()))
            self.assertEqual(ask(client, "GET", f"/bytes/{200 * len(LINE)}"), (200, 200 * LINE))
            self.assertEqual(ask(client, "POST", "/echo", sent), (200, sent))
            self.assertEqual(ask(client, "GET", "/slow/20"), (200, b"at last\n"))

    def test_serves_all_of_them_and_one_more_when_one_leaves(self):
        streams = [Events(self.client()) for _ in range(BROWSERS)]
        kept = self.clients(BROWSERS * KEPT)
        at_once(self.browse, kept)
        for stream in streams:
            numbers = [int(stream.next("tick")["id"]) for _ in range(3)]
            self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 3)))

        # They wait, and are served in the order in which they came.
        waiting = self.clients(3)
        for client in waiting:
            client.request("GET", "/")
        while waiting:
            self.assertTrue(all(silent(client) for client in waiting[:1]))
            self.assertEqual(self.in_use("connections"), CONNECTIONS)
            kept.pop(0).close()
            served = waiting.pop(0)
            self.assertEqual(served.getresponse().read(), b"Hello, world\n")
            self.assertTrue(all(silent(client, 0) for client in waiting))
            kept.append(served)

        for client in kept + [stream.client for stream in streams]:
            client.close()
        self.until(lambda: self.in_use("connections"), 0)
        # The ticker's stays until the next second.
        self.until(lambda: self.in_use("timers"), 0)
        self.assertEqual(self.guest.report()["connections"].at_most, CONNECTIONS)
        self.assertEqual(self.guest.quit(), 0)


if __name__ == "__main__":
    DASHBOARD, SITE = sys.argv.pop(1), sys.argv.pop(1)
    PAGE, FILES = pathlib.Path(sys.argv.pop(1)).read_bytes(), pathlib.Path(sys.argv.pop(1))
    unittest.main(verbosity=2)

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: feeds_test.py FEEDS [unittest's arguments]

The feed aggregator as a program, between a client and servers of feeds that are Python's. What it
makes of odd feeds, and of slow ones when time is up, is tested in memory.
"""

import html.parser
import http.client
import http.server
import json
import pathlib
import re
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from process import PATIENCE, Process, command_of  # noqa: E402

FEEDS = None

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0">
  <channel>
    <title>{name} feed</title>
    <link>http://{link}/</link>
    <description>What the page does not show</description>
    <item><title>{name} item</title><link>#{anchor}</link></item>
  </channel>
</rss>
"""


def feed(name, link):
    return FEED.format(name=name, link=link, anchor=name.lower()).encode()


# All of 127.0.0.0/8 is this machine: as many hosts as there are names for it.
DOCUMENTS = {
    "127.0.0.1": feed("First", "feed-1"),
    "127.0.0.2": feed("Second", "feed-2"),
    "127.0.0.3": b"",
    "127.0.0.4": b"<rss><channel></rss>",
    "127.0.0.5": feed("Large", "feed-5") + b" " * 100_000,
}
UNKNOWN = "127.0.0.9"


class StubFeed(http.server.BaseHTTPRequestHandler):
    """Answers by the host that is asked for."""

    protocol_version = "HTTP/1.1"
    gate = threading.Event()  # what is slow waits for it
    all_here = threading.Barrier(8)  # who comes alone waits in vain

    def do_GET(self):
        host = self.headers["Host"].partition(":")[0]
        if self.path == "/slow.xml" and not self.gate.wait(PATIENCE):
            return
        if self.path == "/together.xml":
            self.all_here.wait(PATIENCE)
        if self.path == "/moved.xml":
            return self.answer(302, b"", Location="/rss.xml")
        if host not in DOCUMENTS:
            # At such length that it is no feed for that, too.
            return self.answer(404, f"Unknown host: {host}".encode().ljust(100_000))
        return self.answer(200, DOCUMENTS[host])

    def answer(self, status, content, **fields):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        pass  # a client that goes, as it has seen that the feed is too large


class Page(html.parser.HTMLParser):
    """The links of a page, each with the path of elements it lies in."""

    def __init__(self, text):
        super().__init__()
        self.path = []
        self.links = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.path.append(tag)
        if tag == "a":
            self.links.append(["/".join(self.path), dict(attrs)["href"], ""])

    def handle_endtag(self, tag):
        assert self.path.pop() == tag, self.path

    def handle_data(self, data):
        if self.path and self.path[-1] == "a":
            self.links[-1][2] += data


HEADER = "html/body/div/table/tr/th/a"
ITEM = "html/body/div/table/tr/td/a"


class FeedsTest(unittest.TestCase):
    def setUp(self):
        server = Server(("0.0.0.0", 0), StubFeed)
        self.addCleanup(server.server_close)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        self.port = server.server_address[1]
        StubFeed.gate.clear()
        self.addCleanup(StubFeed.gate.set)

    def start(self, *urls, options=()):
        words = [word for url in urls for word in ("--feed", url)]
        feeds = self.enterContext(Process([*command_of(FEEDS), "-l",
                                           "tcp:0:interface=127.0.0.1", *options, *words]))
        match = feeds.expect(r"listening on ([0-9.]+):(\d+)")
        self.address = (match[1], int(match[2]))
        self.first_lines = [feeds.output.next() for _ in range(3)]
        return feeds

    def url(self, host, path="/rss.xml"):
        return f"http://{host}:{self.port}{path}"

    def begin(self, target):
        client = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        self.addCleanup(client.close)
        client.request("GET", target)
        response = client.getresponse()
        self.assertEqual(response.status, 200)
        return response

    def get(self, target):
        return self.begin(target).read().decode()

    def test_shows_feeds_in_their_order(self):
        urls = [self.url("127.0.0.2"), self.url("127.0.0.1", "/moved.xml")]
        feeds = self.start(*urls)
        for _ in range(2):
            page = Page(self.get("/"))
            self.assertEqual(page.links, [[HEADER, "http://feed-2/", "Second feed"],
                                          [ITEM, "#second", "Second item"],
                                          [HEADER, "http://feed-1/", "First feed"],
                                          [ITEM, "#first", "First item"]])
            self.assertEqual(page.path, [])
            for url in urls:
                feeds.expect(r".*\[feeds#info\] Downloading feed " + re.escape(url))

    def test_logs_what_starts(self):
        feeds = self.start(self.url("127.0.0.1"), self.url("127.0.0.2"))
        wanted = ["Site starting on {}:{}".format(*self.address),
                  "Starting factory; connections: 8, feeds: 2", "Starting reactor."]
        for line, text in zip(self.first_lines, wanted):
            self.assertRegex(line, r".* \[feeds#info\] " + re.escape(text) + r"\Z")
        self.assertEqual(feeds.output.seen[1:], self.first_lines)

    def test_logs_nothing_of_a_start_that_failed(self):
        words = ["-l", "tcp:0:interface=192.0.2.1"]
        feeds = self.enterContext(Process([*command_of(FEEDS), *words]))
        self.assertEqual(feeds.wait(), 1)
        self.assertEqual(feeds.output.rest(), [])
        self.assertIn("cannot listen on 192.0.2.1:0", feeds.errors.next())

    def test_says_the_same_as_json(self):
        self.start(self.url("127.0.0.1"), self.url("127.0.0.2"))
        self.assertEqual(json.loads(self.get("/?json=true")), {"feeds": [
            {"title": "First feed", "link": "http://feed-1/",
             "items": [{"title": "First item", "link": "#first"}]},
            {"title": "Second feed", "link": "http://feed-2/",
             "items": [{"title": "Second item", "link": "#second"}]}]})

    def test_shows_what_failed_in_its_place(self):
        hosts = [UNKNOWN, "127.0.0.3", "127.0.0.1", "127.0.0.4", "127.0.0.5"]
        urls = [self.url(host) for host in hosts]
        feeds = self.start(*urls)
        answer = json.loads(self.get("/?json=1"))["feeds"]
        self.assertEqual(answer[2]["title"], "First feed")
        why = {0: "404", 1: "no element found", 3: "malformed XML", 4: "response content too large"}
        for place, reason in why.items():
            self.assertEqual(answer[place], {"error": f"Failed to load {urls[place]}: {reason}"})
        links = Page(self.get("/")).links
        self.assertEqual(links[0], [HEADER, urls[0], "Failed to load feed: 404"])
        self.assertEqual([link[2] for link in links if link[0] == ITEM], ["First item"])
        feeds.expect(r".*\[feeds#error\] Could not download feed " + re.escape(urls[0]) + ": 404")

    # A name may stand for ::1 too, where nobody listens.
    def test_looks_names_up(self):
        url = self.url("localhost")
        self.start(url)
        self.assertEqual(json.loads(self.get("/?json=1")),
                         {"feeds": [{"error": f"Failed to load {url}: 404"}]})

    def test_shows_a_part_while_a_feed_is_slow(self):
        self.start(self.url("127.0.0.1"), self.url("127.0.0.2", "/slow.xml"))
        response = self.begin("/")
        begin = b""
        while b"First item" not in begin:
            begin += response.read1()
        self.assertNotIn(b"Second feed", begin)
        StubFeed.gate.set()
        self.assertIn(b"Second feed", response.read())

    def test_asks_all_servers_at_once(self):
        self.start(*[self.url("127.0.0.1", "/together.xml")] * 8)
        titles = [feed["title"] for feed in json.loads(self.get("/?json=1"))["feeds"]]
        self.assertEqual(titles, ["First feed"] * 8)

    def test_logs_as_json(self):
        url = self.url(UNKNOWN)
        feeds = self.start(url, options=["--log-format", "json"])
        self.get("/")
        first, second, third = [json.loads(line) for line in self.first_lines]
        self.assertEqual(first["log_format"], "Site starting on {address}")
        self.assertEqual(first["address"], "{}:{}".format(*self.address))
        self.assertEqual((second["connections"], second["feeds"]), (8, 1))
        self.assertEqual(third["log_format"], "Starting reactor.")
        events = [json.loads(feeds.output.next()) for _ in range(2)]
        self.assertEqual([(event["log_level"], event["url"]) for event in events],
                         [("info", url), ("error", url)])
        self.assertEqual(events[1]["status"], 404)

    def test_takes_so_many_feeds_and_no_more(self):
        good = "http://127.0.0.1/"
        for urls in [[good] * 9, ["https://127.0.0.1/"], ["http:///"], [good + "a" * 200],
                     [good + "a b"]]:
            words = [word for url in urls for word in ("--feed", url)]
            program = self.enterContext(Process([*command_of(FEEDS), "--port", "0", *words]))
            self.assertEqual(program.wait(), 2, urls)
            self.assertRegex(program.errors.next(), r"usage: .* \[--feed URL\]\.\.\.")


if __name__ == "__main__":
    FEEDS = sys.argv[1]
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: http_test.py HTTP_SERVER [unittest's arguments]

The HTTP server of the examples and its real clients: curl, Python's http.client, and bare sockets.
"""

import concurrent.futures
import email.utils
import gzip
import http.client
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from clients import connect, receive_all, seed  # noqa: E402
from process import PATIENCE, Process, command_of  # noqa: E402

SERVER = None
SEED = seed()
HELLO = b"Hello, world\n"
DIGITS = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n"


class ServerTest(unittest.TestCase):
    options = ()

    def setUp(self):
        self.server = self.enterContext(Process([*command_of(SERVER), "--port", "0",
                                                 *self.options]))
        match = self.server.expect(r"listening on ([0-9.]+):(\d+)")
        self.address = (match[1], int(match[2]))

    def client(self):
        client = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        self.addCleanup(client.close)
        return client

    def ask(self, client, method, path, body=None, **options):
        client.request(method, path, body, **options)
        response = client.getresponse()
        return response, response.read()


class PythonTest(ServerTest):
    def test_asks_again_and_again_on_one_connection(self):
        client = self.client()
        for number in range(50):
            response, content = self.ask(client, "GET", f"/user/{number}")
            self.assertEqual((response.status, content), (200, b"%d\n" % number))
        self.assertEqual(self.ask(client, "GET", "/")[1], HELLO)

    def test_has_its_content_sent_back(self):
        rng = random.Random(SEED)
        print(f"replay with BOBBIN_SEED={SEED}", flush=True)
        client = self.client()
        for size in 0, 1, 2047, 100_000, 1_000_000:
            sent = rng.randbytes(size)
            # The client writes all before it reads, so no more than the kernel keeps.
            self.assertEqual(self.ask(client, "POST", "/echo", sent)[1], sent, size)

    def test_is_told_what_is_wrong(self):
        client = self.client()
        for method, path, status in [("GET", "/user/x", 404), ("GET", "/nowhere", 404),
                                     ("DELETE", "/", 405), ("GET", "/echo", 405),
                                     ("OPTIONS", "/", 204), ("GET", "/" + "x" * 1100, 414)]:
            response, _ = self.ask(client, method, path)
            self.assertEqual(response.status, status, (method, path))
            if status == 405:
                self.assertIn("OPTIONS", response.getheader("Allow"))

    def test_waits_while_others_are_served(self):
        slow = self.client()
        slow.request("GET", "/slow/3600000")
        for _ in range(20):
            client = self.client()
            self.assertEqual(self.ask(client, "GET", "/slow/1")[1], b"at last\n")
            self.assertEqual(self.ask(client, "HEAD", "/bytes/99")[1], b"")
            client.close()
        slow.close()

    def test_gets_as_many_bytes_as_it_asks_for(self):
        content = self.ask(self.client(), "GET", "/bytes/1000000")[1]
        self.assertEqual(content, (DIGITS * (1_000_000 // len(DIGITS) + 1))[:1_000_000])

    def test_many_at_once(self):
        def talk(number):
            client = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
            results = [self.ask(client, "GET", f"/user/{number}")[1] for _ in range(20)]
            client.close()
            return set(results)

        # No more at once than there are connections: who does not speak for long gives way.
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for number, results in enumerate(pool.map(talk, range(64))):
                self.assertEqual(results, {b"%d\n" % number})


class CurlTest(ServerTest):
    def curl(self, *arguments, data=None):
        url = f"http://{self.address[0]}:{self.address[1]}"
        command = ["curl", "--silent", "--show-error", "--max-time", str(PATIENCE)]
        return subprocess.run([*command, *(url + word if word.startswith("/") else word
                                           for word in arguments)],
                              input=data, check=True, capture_output=True,
                              timeout=2 * PATIENCE).stdout

    def test_gets_and_posts(self):
        self.assertEqual(self.curl("/", "/"), HELLO * 2)
        self.assertEqual(self.curl("/bytes/5000000"),
                         (DIGITS * (5_000_000 // len(DIGITS) + 1))[:5_000_000])

    def test_waits_for_a_word_before_a_large_content(self):
        data = random.Random(SEED).randbytes(3_000_000)
        self.assertEqual(self.curl("-H", "Expect: 100-continue", "--data-binary", "@-", "/echo",
                                   data=data), data)

    def test_sends_in_chunks(self):
        data = random.Random(SEED).randbytes(1_000_000)
        self.assertEqual(self.curl("-X", "POST", "-H", "Transfer-Encoding: chunked", "-T", "-",
                                   "/echo", data=data), data)

    def test_takes_what_is_compressed_and_parts(self):
        page = (PageTest.FOLDER / "index.html").read_bytes()
        self.assertEqual(self.curl("--compressed", "/page/"), page)
        self.assertEqual(self.curl("--range", "10-99", "/page/"), page[10:100])
        self.assertEqual(self.curl("--range", "-5", "/page/"), page[-5:])

    def test_speaks_http_1_0(self):
        self.assertEqual(self.curl("-0", "/user/7"), b"7\n")


class EventsTest(ServerTest):
    def events(self, count):
        """The numbers of so many events, as a client of its own hears them."""
        client = self.client()
        client.request("GET", "/events")
        response = client.getresponse()
        self.assertEqual(response.getheader("Content-Type"), "text/event-stream")
        numbers = []
        while len(numbers) < count:
            line = response.readline()
            self.assertTrue(line)
            if line.startswith(b"data: "):
                numbers.append(int(line[6:]))
        client.close()
        return numbers

    def test_all_who_listen_hear_the_same(self):
        silent = connect(self.address)
        self.addCleanup(silent.close)
        silent.sendall(b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for numbers in pool.map(lambda _: self.events(3), range(4)):
                self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 3)))

    def test_curl_listens(self):
        url = f"http://{self.address[0]}:{self.address[1]}/events"
        with subprocess.Popen(["curl", "--silent", "--no-buffer", url],
                              stdout=subprocess.PIPE) as curl:
            lines = [curl.stdout.readline() for _ in range(4)]
            curl.kill()
        self.assertEqual(lines, [b"event: tick\n", b"id: 1\n", b"data: 1\n", b"\n"])


class PageTest(ServerTest):
    FOLDER = pathlib.Path(__file__).resolve().parents[2] / "examples/http_server/page"

    def test_is_the_files_it_was_built_of(self):
        for path, file, kind in [("/page/", "index.html", "text/html; charset=utf-8"),
                                 ("/page/page.css", "page.css", "text/css; charset=utf-8")]:
            expected = (self.FOLDER / file).read_bytes()
            response, content = self.ask(self.client(), "GET", path)
            self.assertEqual(content, expected)
            self.assertEqual(response.getheader("Content-Type"), kind)
            zipped, content = self.ask(self.client(), "GET", path,
                                       headers={"Accept-Encoding": "gzip, deflate"})
            self.assertEqual(zipped.getheader("Content-Encoding"), "gzip")
            self.assertLess(len(content), len(expected))
            self.assertEqual(gzip.decompress(content), expected)
            etag = zipped.getheader("ETag")
            same, content = self.ask(self.client(), "GET", path,
                                     headers={"Accept-Encoding": "gzip", "If-None-Match": etag})
            self.assertEqual((same.status, content), (304, b""))
        self.assertEqual(self.ask(self.client(), "GET", "/page/nothing")[0].status, 404)


class DirectoryTest(ServerTest):
    BIG = 100 * 1024 * 1024

    def setUp(self):
        place = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.root = place / "root"
        (self.root / "sub").mkdir(parents=True)
        (place / "secret").write_text("secret")
        self.data = random.Random(SEED).randbytes(1_000_000)
        (self.root / "data.bin").write_bytes(self.data)
        (self.root / "index.html").write_text("<!doctype html>")
        (self.root / "sub/a b.txt").write_text("in sub")
        (self.root / ".hidden").write_text("hidden")
        (self.root / "out").symlink_to("../secret")
        (self.root / "up").symlink_to("..")
        self.options = ("--root", str(self.root))
        super().setUp()

    def status_of(self, path):
        with connect(self.address) as client:
            client.sendall(b"GET " + path + b" HTTP/1.0\r\n\r\n")
            return int(receive_all(client).split()[1])

    def test_its_files_are_served(self):
        client = self.client()
        for path, content, kind in [
                ("/static/", b"<!doctype html>", "text/html; charset=utf-8"),
                ("/static/data.bin", self.data, "application/octet-stream"),
                ("/static/sub/a%20b.txt", b"in sub", "text/plain; charset=utf-8")]:
            response, received = self.ask(client, "GET", path)
            self.assertEqual((response.status, received), (200, content), path)
            self.assertEqual(response.getheader("Content-Type"), kind)
            self.assertIsNotNone(email.utils.parsedate_to_datetime(response.getheader("Date")))
            modified = response.getheader("Last-Modified")
            for field, value in [("If-None-Match", response.getheader("ETag")),
                                 ("If-Modified-Since", modified)]:
                self.assertEqual(self.ask(client, "GET", path, headers={field: value})[0].status,
                                 304)

    def test_nothing_else_is(self):
        self.assertEqual(self.status_of(b"/static/data.bin"), 200)
        for path in (b"/static/../secret", b"/static/..%2fsecret", b"/static/%2e%2e/secret",
                     b"/static/%2E%2E%2Fsecret", b"/static/sub/../../secret", b"/static/./data.bin",
                     b"/static//data.bin", b"/static/data.bin%00", b"/static/data.bin/",
                     b"/static/%2fetc/passwd", b"/static//etc/passwd", b"/static/out",
                     b"/static/up/secret", b"/static/up/root/data.bin", b"/static/.hidden",
                     b"/static/sub", b"/static/sub/", b"/static/%", b"/static/" + b"x" * 300,
                     b"/static/..\\secret", b"/static/%252e%252e/secret"):
            self.assertEqual(self.status_of(path), 404, path)

    def test_parts_by_curl(self):
        url = f"http://{self.address[0]}:{self.address[1]}/static/data.bin"
        for given, part in [("0-99", slice(0, 100)), ("999990-2000000", slice(999990, None)),
                            ("-7", slice(-7, None)), ("500000-", slice(500000, None))]:
            done = subprocess.run(["curl", "--silent", "--show-error", "--max-time", str(PATIENCE),
                                   "--range", given, url], check=True, capture_output=True,
                                  timeout=2 * PATIENCE)
            self.assertEqual(done.stdout, self.data[part])
        response, _ = self.ask(self.client(), "GET", "/static/data.bin",
                               headers={"Range": "bytes=1000000-"})
        self.assertEqual((response.status, response.getheader("Content-Range")),
                         (416, "bytes */1000000"))

    def test_a_large_file_takes_no_memory(self):
        with open(self.root / "big", "wb") as file:
            file.truncate(self.BIG)
        self.assertEqual(self.ask(self.client(), "GET", "/")[1], HELLO)
        before = self.server.resident_kib()
        client = self.client()
        client.request("GET", "/static/big")
        response = client.getresponse()
        size = 0
        most = before
        while piece := response.read(1 << 20):
            size += len(piece)
            most = max(most, self.server.resident_kib())
        self.assertEqual(size, self.BIG)
        # A sanitizer and an emulator have memory of their own for what runs for the first time.
        self.assertLess(most - before, 16 * 1024)

    def test_a_file_that_becomes_shorter_is_not_taken_for_whole(self):
        with open(self.root / "shrinking", "wb") as file:
            file.truncate(self.BIG)
        client = self.client()
        client.request("GET", "/static/shrinking")
        response = client.getresponse()
        response.read(1000)
        os.truncate(self.root / "shrinking", 5000)
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            response.read()
        self.assertEqual(self.ask(self.client(), "GET", "/")[1], HELLO)


class SocketTest(ServerTest):
    def exchange(self, text):
        with connect(self.address) as client:
            client.sendall(text)
            return receive_all(client)

    def test_requests_behind_each_other(self):
        request = b"GET /user/%d HTTP/1.1\r\nHost: a\r\n%s\r\n"
        many = b"".join(request % (number, b"") for number in range(500))
        with connect(self.address) as client:
            received = run_out(client, many + request % (500, b"Connection: close\r\n"))
        self.assertEqual([part.rpartition(b"\r\n\r\n")[2] for part in received.split(b"\n")
                          if part.isdigit()], [b"%d" % number for number in range(501)])

    def test_nonsense(self):
        for text in b"\x16\x03\x01\0", b"GET /\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n":
            self.assertTrue(self.exchange(text).startswith(b"HTTP/1.1 400 "), text)

    def test_a_hundred_that_say_little_beside_one_that_is_served(self):
        for _ in range(100):
            self.enterContext(connect(self.address)).sendall(b"GET / HT")
        # Eight are taken at a time, and give way to the next when they have said nothing for long.
        self.assertEqual(self.exchange(b"GET / HTTP/1.0\r\n\r\n")[-13:], HELLO)


def run_out(client, data):
    """Sends all of it while it reads."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        sending = pool.submit(client.sendall, data)
        received = receive_all(client)
        sending.result()
    return received


if __name__ == "__main__":
    SERVER = pathlib.Path(sys.argv.pop(1))
    unittest.main(verbosity=2)

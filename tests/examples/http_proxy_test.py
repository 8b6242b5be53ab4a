# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: http_proxy_test.py HTTP_PROXY HTTP_SERVER [unittest's arguments]

The proxy between real clients and servers: curl and Python's http.client on one side, the example's
server and Python's http.server on the other.
"""

import http.client
import http.server
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from process import PATIENCE, Process, command_of  # noqa: E402

PROXY = None
SERVER = None
LARGE = 20_000_000


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        content = f"{self.headers['Host']} {self.path}".encode()
        if self.path == "/heard":
            content = "\n".join(f"{name}: {value}" for name, value in self.headers.items()
                                if name not in ("Host", "Connection")).encode()
        self.send_response(299, "Fine")
        self.send_header("X-Own", "a, b")
        self.send_header("Content-Type", "text/x-own")
        if self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
            content = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        elif self.path == "/closing":
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


class ProxyTest(unittest.TestCase):
    def setUp(self):
        self.proxy = self.enterContext(Process([*command_of(PROXY), "--port", "0"]))
        match = self.proxy.expect(r"listening on ([0-9.]+):(\d+)")
        self.address = (match[1], int(match[2]))

    def tearDown(self):
        self.proxy.signal(signal.SIGTERM)
        self.assertEqual(self.proxy.wait(), 0, self.proxy.errors.rest())

    def origin(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
        self.addCleanup(server.server_close)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        return "127.0.0.1:%d" % server.server_address[1]

    def example(self):
        server = self.enterContext(Process([*command_of(SERVER), "--port", "0"]))
        match = server.expect(r"listening on ([0-9.]+):(\d+)")
        return f"127.0.0.1:{match[2]}"

    def ask(self, client, url, method="GET"):
        client.request(method, url)
        response = client.getresponse()
        return response, response.read()

    def client(self):
        client = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
        self.addCleanup(client.close)
        return client

    def test_passes_on_what_the_server_says(self):
        origin = self.origin()
        client = self.client()
        for path, content in [("/", f"{origin} /"), ("/a?b=c", f"{origin} /a?b=c"),
                              ("/chunks", "abcde"), ("/closing", f"{origin} /closing")]:
            response, body = self.ask(client, f"http://{origin}{path}")
            self.assertEqual((response.status, body.decode()), (299, content))
            self.assertEqual(response.getheader("X-Own"), "a, b")
            self.assertEqual(response.getheader("Content-Type"), "text/x-own")
            self.assertIn("BaseHTTP", response.getheader("Server"))
            self.proxy.expect(re.escape(f"URL: http://{origin}{path} code: 299"))

    # All but what is said of the connection, and what the browser says is of it.
    def test_passes_on_what_the_client_says(self):
        client = self.client()
        said = {"Accept": "text/x-own", "Cookie": "a=b", "X-Mine": "c", "Connection": "x-mine",
                "Proxy-Authorization": "secret", "TE": "trailers"}
        client.request("GET", f"http://{self.origin()}/heard", headers=said)
        heard = client.getresponse().read().decode().splitlines()
        self.assertEqual(set(heard), {"Accept: text/x-own", "Accept-Encoding: identity",
                                      "Cookie: a=b"})

    def test_speaks_of_no_more_than_get(self):
        origin = self.origin()
        for method, url, status in [("POST", f"http://{origin}/", 501), ("GET", "/", 400),
                                    ("GET", "http://no_name!/", 400),
                                    ("GET", "ftp://127.0.0.1/", 400)]:
            self.assertEqual(self.ask(self.client(), url, method)[0].status, status, url)

    # A name may stand for ::1 too, where nobody listens.
    def test_looks_names_up(self):
        origin = self.origin().replace("127.0.0.1", "localhost")
        for _ in range(2):
            response, body = self.ask(self.client(), f"http://{origin}/")
            self.assertEqual((response.status, body.decode()), (299, f"{origin} /"))

    def test_says_that_nobody_is_there(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            url = "http://127.0.0.1:%d/" % listener.getsockname()[1]
        self.assertEqual(self.ask(self.client(), url)[0].status, 502)

    def test_curl_gets_much_through_it(self):
        url = f"http://{self.example()}/bytes/{LARGE}"
        command = ["curl", "--silent", "--show-error", "--max-time", str(PATIENCE), "--proxy",
                   "http://%s:%d" % self.address, url, url]
        content = subprocess.run(command, check=True, capture_output=True,
                                 timeout=2 * PATIENCE).stdout
        self.assertEqual(len(content), 2 * LARGE)
        self.assertTrue(content[:LARGE] == content[LARGE:], "not the same twice")

    # The server must be stopped from sending what nobody reads; what it holds then is bounded, and
    # a client that comes meanwhile is served.
    def test_waits_for_who_reads_slowly(self):
        example = self.example()
        with socket.create_connection(self.address, timeout=PATIENCE) as slow:
            slow.sendall(f"GET http://{example}/bytes/{LARGE} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            slow.recv(1)
            response, content = self.ask(self.client(), f"http://{example}/user/7")
            self.assertEqual((response.status, content), (200, b"7\n"))
            received = 1
            while received < LARGE:
                received += len(slow.recv(65536))

    def test_forgets_a_client_that_goes(self):
        example = self.example()
        for _ in range(40):
            with socket.create_connection(self.address, timeout=PATIENCE) as client:
                client.sendall(f"GET http://{example}/slow/3600000 HTTP/1.1\r\nHost: a\r\n\r\n"
                               .encode())
        response, content = self.ask(self.client(), f"http://{example}/user/7")
        self.assertEqual((response.status, content), (200, b"7\n"))


if __name__ == "__main__":
    PROXY, SERVER = sys.argv[1:3]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])

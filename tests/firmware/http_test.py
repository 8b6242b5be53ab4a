# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: http_test.py HTTP_SERVER_IMAGE [unittest's arguments]

The HTTP server as firmware, through QEMU's network.
"""

import concurrent.futures
import http.client
import sys
import unittest

import qemu

IMAGE = None
SLOTS = 8
HELLO = b"Hello, world\n"


class HttpTest(unittest.TestCase):
    def setUp(self):
        self.guest = self.enterContext(qemu.start(IMAGE, forward=80))

    def client(self):
        client = http.client.HTTPConnection("127.0.0.1", timeout=60)
        client.sock = self.guest.connect()
        self.addCleanup(client.close)
        return client

    def ask(self, client, method, path, body=None):
        client.request(method, path, body)
        response = client.getresponse()
        return response.status, response.read()

    def test_serves_as_many_as_there_is_room_for(self):
        clients = [self.client() for _ in range(SLOTS)]

        def talk(client):
            return [self.ask(client, "GET", "/"), self.ask(client, "GET", "/user/42"),
                    self.ask(client, "POST", "/echo", b"x" * 5000),
                    self.ask(client, "GET", "/slow/10"), self.ask(client, "GET", "/nowhere")[0],
                    len(self.ask(client, "GET", "/bytes/50000")[1])]

        with concurrent.futures.ThreadPoolExecutor(SLOTS) as pool:
            for answers in pool.map(talk, clients):
                self.assertEqual(answers, [(200, HELLO), (200, b"42\n"), (200, b"x" * 5000),
                                           (200, b"at last\n"), 404, 50000])
        clients[0].request("GET", "/events")
        self.assertEqual(clients[0].getresponse().readline(), b"event: tick\n")
        for client in clients:
            client.close()
        self.assertEqual(self.guest.quit(), 0)


if __name__ == "__main__":
    IMAGE = sys.argv.pop(1)
    unittest.main(verbosity=2)

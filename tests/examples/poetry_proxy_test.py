# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: poetry_proxy_test.py BUILD_FOLDER [unittest's arguments]

The proxy between servers and clients of every kind.
"""

import signal
import socket
import threading
import time

from poetry import TYGER, Poetry, main

from bad_servers import BadServers
from clients import connect, receive, receive_all, reset

FETCHING, USING = "Fetching poem from server.", "Using cached poem."
WAITING, CANCELING = "Waiting for poem from server.", "Canceling poem download."
WANTS = r"Somebody at .* wants poetry!"


class Versions:
    """A server with another poem for each who asks, as long as a poem may be."""

    def __init__(self, test):
        self.poems = [bytes([letter]) * 64 * 1024 for letter in b"abcdefgh"]
        self.listener = test.enterContext(socket.create_server(("127.0.0.1", 0)))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()
        test.addCleanup(self.listener.shutdown, socket.SHUT_RDWR)

    def _serve(self):
        for poem in self.poems:
            try:
                with self.listener.accept()[0] as client:
                    client.sendall(poem)
            except OSError:
                return


class ProxyTest(Poetry):
    def proxy(self, upstream, *arguments):
        return self.start("poetry_proxy", "--upstream", upstream, *arguments)

    def client(self, program):
        return self.enterContext(connect(("127.0.0.1", program.port)))

    def poem(self, program):
        """What a client is given."""
        with connect(("127.0.0.1", program.port)) as client:
            return receive_all(client)

    def said(self, program):
        """What the program has said, at its end."""
        self.assert_ends_well(program)
        program.output.rest()
        return program.output.seen[1:]

    def test_fetches_once_and_keeps_it(self):
        server = self.slow(TYGER)
        proxy = self.proxy(server.port)
        for _ in range(3):
            self.assertEqual(self.poem(proxy), TYGER.read_bytes())
        self.assertEqual(self.said(proxy), [FETCHING, USING, USING])
        self.assertEqual(sum("wants poetry" in line for line in self.said(server)), 1)

    def test_one_fetch_for_all_who_come_meanwhile(self):
        server = self.slow(TYGER)
        proxy = self.proxy(f"127.0.0.1:{server.port}")
        clients = [self.client(proxy) for _ in range(50)]
        for client in clients:
            self.assertEqual(receive_all(client), TYGER.read_bytes())
        self.assertEqual(sum("wants poetry" in line for line in self.said(server)), 1)
        self.assertEqual(self.said(proxy)[0], FETCHING)

    def test_cancels_when_the_last_client_leaves_again_and_again(self):
        server = self.slow(TYGER, piece=1, delay=0.05)
        proxy = self.proxy(server.port)
        for leave in socket.socket.close, reset, socket.socket.close:
            first, second = self.client(proxy), self.client(proxy)
            proxy.expect(FETCHING)
            proxy.expect(WAITING)
            server.expect("Sending 1 bytes")
            leave(first)
            server.expect("Sending 1 bytes")
            leave(second)
            proxy.expect(CANCELING)
            server.expect("Somebody has left: .*")
        self.assertEqual(len([line for line in self.said(proxy) if line == FETCHING]), 3)

    def test_nothing_is_kept_of_what_was_cancelled(self):
        listener = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        proxy = self.proxy(listener.getsockname()[1])
        client = self.client(proxy)
        with listener.accept()[0] as server:
            server.sendall(b"Tyger Tyger, bur")
            client.close()
            proxy.expect(CANCELING)
        client = self.client(proxy)
        with listener.accept()[0] as server:
            server.sendall(TYGER.read_bytes())
        self.assertEqual(receive_all(client), TYGER.read_bytes())
        self.assertEqual(self.poem(proxy), TYGER.read_bytes())
        self.assertEqual(self.said(proxy), [FETCHING, CANCELING, FETCHING, USING])

    def test_a_download_goes_on_for_who_is_left(self):
        listener = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        proxy = self.proxy(listener.getsockname()[1])
        first = self.client(proxy)
        with listener.accept()[0] as server:
            second = self.client(proxy)
            proxy.expect(WAITING)
            first.close()
            time.sleep(0.1)
            server.sendall(TYGER.read_bytes())
        self.assertEqual(receive_all(second), TYGER.read_bytes())
        self.assertEqual(self.said(proxy), [FETCHING, WAITING])

    def test_nothing_is_kept_of_what_failed(self):
        bad, upstream = BadServers(self), socket.socket()
        upstream.bind(("127.0.0.1", 0))
        self.addCleanup(upstream.close)
        port = upstream.getsockname()[1]
        proxy = self.proxy(port)
        for _ in range(2):
            self.assertEqual(self.poem(proxy), b"")
            self.assertEqual(proxy.errors.next(),
                             "no poem from the server: connection refused")
        upstream.listen()
        client = self.client(proxy)
        with upstream.accept()[0] as server:
            server.sendall(b"a poem at last\n")
        self.assertEqual(receive_all(client), b"a poem at last\n")
        for port, why in ((bad.is_silent, "timed out"), (bad.resets_midway, "connection lost"),
                          (bad.stops_midway, "timed out"), (bad.never_ends, "message too long")):
            proxy = self.proxy(port, "--timeout", 1)
            self.assertEqual(self.poem(proxy), b"")
            self.assertEqual(proxy.errors.next(), f"no poem from the server: {why}")

    def test_fetches_again_when_it_is_too_old(self):
        versions = Versions(self)
        proxy = self.proxy(versions.port, "--ttl", 0)
        for poem in versions.poems[:3]:
            self.assertEqual(self.poem(proxy), poem)
        versions = Versions(self)
        proxy = self.proxy(versions.port, "--ttl", 0.2)
        self.assertEqual(self.poem(proxy), versions.poems[0])
        time.sleep(0.3)
        self.assertEqual(self.poem(proxy), versions.poems[1])

    def test_who_reads_slowly_reads_the_poem_it_began(self):
        versions = Versions(self)
        proxy = self.proxy(versions.port, "--ttl", 0)
        slow = []
        for _ in range(4):
            client = socket.socket()
            self.addCleanup(client.close)
            # So that little of it finds room on its way.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 88)
            client.connect(("127.0.0.1", proxy.port))
            slow.append((client, receive(client, 1)))
        # There are four pages; a fifth poem has no place until somebody is done.
        self.assertEqual(self.poem(proxy), b"")
        self.assertEqual(proxy.errors.next(), "no poem from the server: out of capacity")
        for (client, first), poem in zip(slow, versions.poems):
            self.assertEqual(first + receive_all(client), poem)
        self.assertEqual(self.poem(proxy), versions.poems[4])

    def test_ends_on_signals(self):
        silent = BadServers(self).is_silent
        for number in signal.SIGTERM, signal.SIGINT:
            proxy = self.proxy(silent)
            with connect(("127.0.0.1", proxy.port)):
                proxy.expect(FETCHING)
                self.assert_ends_well(proxy, number)

    def test_refuses_bad_arguments(self):
        for arguments in ([], ["--upstream"], ["--upstream", "localhost:1"], ["--upstream", "0"],
                          ["--upstream", "1", "--ttl", "x"], ["--upstream", "1", "2"],
                          ["--upstream", "1", "--port", "x"]):
            self.assert_refused("poetry_proxy", arguments)


if __name__ == "__main__":
    main()

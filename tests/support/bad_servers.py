# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""Servers of poems that behave badly."""

import socket
import threading

from clients import receive_all, reset


class BadServers:
    """Servers of every kind of badness; each is the port of one."""

    def __init__(self, test):
        self._test = test
        # A port that nobody listens at but that nobody else gets either.
        held = test.enterContext(socket.socket())
        held.bind(("127.0.0.1", 0))
        self.refuses = held.getsockname()[1]
        self.is_silent = self.serve(receive_all)
        self.resets = self.serve(reset)
        self.resets_midway = self.serve(self._reset_midway)
        self.breaks_off = self.serve(lambda client: client.sendall(b"Tyger Tyger, bur"))
        self.stops_midway = self.serve(
            lambda client: (client.sendall(b"Tyger Tyger, bur"), receive_all(client)))
        self.never_ends = self.serve(lambda client: client.sendall(b"and on\n" * 1_000_000))
        self.says_nothing = self.serve(lambda client: None)

    def serve(self, behave):
        """The port of a server that behaves like this to each client, and then hangs up."""
        server = self._test.enterContext(socket.create_server(("127.0.0.1", 0)))

        def one(client):
            with client:
                try:
                    behave(client)
                except OSError:
                    pass

        def accept():
            while True:
                try:
                    client = server.accept()[0]
                except OSError:
                    return
                threading.Thread(target=one, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        # Closing alone would not wake who accepts.
        self._test.addCleanup(server.shutdown, socket.SHUT_RDWR)
        return server.getsockname()[1]

    @staticmethod
    def _reset_midway(client):
        client.sendall(b"Tyger Tyger, burning bright,\nIn the")
        reset(client)

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""Clients for the tests of servers, and the randomness they use."""

import os
import random
import selectors
import socket
import struct

from process import PATIENCE


def seed():
    """What all random tests of this run derive from: BOBBIN_SEED, or else a new one."""
    if given := os.environ.get("BOBBIN_SEED"):
        return int(given, 0)
    return random.SystemRandom().getrandbits(32)


def random_for(test, number):
    """Randomness for one test case, the same whichever other tests run; prints how to replay it."""
    name = test.id().rpartition(".")[2]
    print(f"{name}: replay with BOBBIN_SEED={number}", flush=True)
    return random.Random(f"{number} {name}")


def connect(address):
    return socket.create_connection(address, timeout=PATIENCE)


def reset(client):
    """Ends the connection with a reset in place of an orderly close."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def receive(client, count):
    """Exactly `count` bytes, fewer only if the connection ends before."""
    received = bytearray()
    while len(received) < count:
        piece = client.recv(count - len(received))
        if not piece:
            break
        received += piece
    return bytes(received)


def receive_all(client):
    """Everything up to the end of the connection."""
    return b"".join(iter(lambda: client.recv(65536), b""))


class Exchange:
    """Sends data to an echo in random pieces, reads meanwhile, and half-closes behind the last."""

    def __init__(self, client, data, rng, piece_max=8192):
        client.setblocking(False)
        self.client = client
        self.data = data
        self.received = bytearray()
        self.over = False
        self._rng = rng
        self._piece_max = piece_max
        self._unsent = memoryview(data)
        self._ended = False

    def wants(self):
        return selectors.EVENT_READ | (0 if self._ended else selectors.EVENT_WRITE)

    def proceed(self, events):
        if events & selectors.EVENT_WRITE:
            self._send()
        if events & selectors.EVENT_READ:
            self._receive()

    def _send(self):
        if self._unsent:
            size = self._rng.randint(1, self._piece_max)
            self._unsent = self._unsent[self.client.send(self._unsent[:size]):]
        if not self._unsent:
            self.client.shutdown(socket.SHUT_WR)
            self._ended = True

    def _receive(self):
        piece = self.client.recv(self._rng.randint(1, self._piece_max))
        self.received += piece
        self.over = not piece


def run(exchanges):
    """Drives all exchanges until each is over. Gives up when nothing at all happens any more."""
    with selectors.DefaultSelector() as selector:
        for exchange in exchanges:
            selector.register(exchange.client, exchange.wants(), exchange)
        while selector.get_map():
            ready = selector.select(PATIENCE)
            if not ready:
                raise TimeoutError(f"nothing happened on {len(selector.get_map())} connections")
            for key, events in ready:
                exchange = key.data
                exchange.proceed(events)
                if exchange.over:
                    selector.unregister(exchange.client)
                else:
                    selector.modify(exchange.client, exchange.wants(), exchange)


def difference(sent, received):
    """Where the two differ first, in words; None if they are the same."""
    if sent == received:
        return None
    at = next((i for i, (a, b) in enumerate(zip(sent, received)) if a != b), None)
    if at is None:
        return f"{len(received)} bytes came back of {len(sent)}"
    return f"byte {at} of {len(sent)} differs"

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: twisted_peer.py serve FRAMING SEED
       twisted_peer.py ask FRAMING PORT SEED

Twisted's side of the tests with it: sends back each message, or sends random messages and compares
what comes back. What it receives it gives its receiver in random pieces, and it sends in such.
"""

import random
import signal
import struct
import sys

from twisted.internet import protocol, reactor
from twisted.protocols import basic

LENGTH_MAX = 100
MESSAGES = 500
FRAMINGS = {"line": basic.LineReceiver, "netstring": basic.NetstringReceiver,
            "int8": basic.Int8StringReceiver, "int16": basic.Int16StringReceiver,
            "int32": basic.Int32StringReceiver}
PREFIXES = {"int8": "!B", "int16": "!H", "int32": "!I"}


def framed(framing, message):
    if framing == "line":
        return message + b"\r\n"
    if framing == "netstring":
        return b"%d:%s," % (len(message), message)
    return struct.pack(PREFIXES[framing], len(message)) + message


def pieces(rng, data):
    while data:
        size = rng.choice((1, 1, 2, 3, 10, 50, 200))
        yield data[:size]
        data = data[size:]


def echo(framing, rng):
    """The protocol class of an echo that is given what comes in random pieces."""
    base = FRAMINGS[framing]

    class Echo(base):
        MAX_LENGTH = LENGTH_MAX

        def dataReceived(self, data):
            for piece in pieces(rng, data):
                if self.transport.disconnecting:
                    return
                base.dataReceived(self, piece)

        def lineReceived(self, line):
            self.sendLine(line)

        def stringReceived(self, string):
            self.sendString(string)

    return Echo


def asking(framing, rng):
    base = FRAMINGS[framing]
    letters = b"0123456789:,abc \n"
    messages = [bytes(rng.choices(letters, k=rng.randint(0, LENGTH_MAX))) for _ in range(MESSAGES)]

    class Asking(base):
        MAX_LENGTH = LENGTH_MAX
        came_back = 0

        def connectionMade(self):
            self.transport.setTcpNoDelay(True)
            stream = b"".join(framed(framing, message) for message in messages)
            self.pieces = pieces(rng, stream)
            self.proceed()

        def proceed(self):
            piece = next(self.pieces, None)
            if piece is not None:
                self.transport.write(piece)
                reactor.callLater(0, self.proceed)

        def lineReceived(self, line):
            if line != messages[self.came_back]:
                print("something else came back", flush=True)
                return self.transport.abortConnection()
            self.came_back += 1
            if self.came_back == MESSAGES:
                self.transport.loseConnection()

        stringReceived = lineReceived

        def connectionLost(self, reason=protocol.connectionDone):
            print(self.came_back, "came back", flush=True)
            reactor.stop()

    return Asking


def main():
    what, framing = sys.argv[1:3]
    rng = random.Random(sys.argv[-1])
    signal.signal(signal.SIGTERM, lambda *_: reactor.callFromThread(reactor.stop))
    if what == "serve":
        factory = protocol.ServerFactory.forProtocol(echo(framing, rng))
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        print("listening on", port.getHost().port, flush=True)
    else:
        factory = protocol.ClientFactory.forProtocol(asking(framing, rng))
        factory.clientConnectionFailed = lambda *_: reactor.stop()
        factory.noisy = False
        reactor.connectTCP("127.0.0.1", int(sys.argv[3]), factory)
    reactor.run(installSignalHandlers=False)


main()

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: twisted_poetry.py serve FILE
       twisted_poetry.py slow FILE
       twisted_poetry.py transform
       twisted_poetry.py proxy PORT
       twisted_poetry.py get PORT...
       twisted_poetry.py ask PORT REQUEST

Twisted's side of the poetry programs, as one writes them with it.
"""

import signal
import sys

from twisted.internet import defer, protocol, reactor, task
from twisted.protocols import basic


def poem_from(name):
    with open(name, "rb") as file:
        return file.read()


class Poetry(protocol.Protocol):
    def connectionMade(self):
        self.transport.write(self.factory.poem)
        self.transport.loseConnection()


class SlowPoetry(protocol.Protocol):
    def connectionMade(self):
        self.left = self.factory.poem
        self.loop = task.LoopingCall(self.say_more)
        self.loop.start(0.01)

    def say_more(self):
        if not self.left:
            return self.transport.loseConnection()
        self.transport.write(self.left[:100])
        self.left = self.left[100:]

    def connectionLost(self, reason=protocol.connectionDone):
        self.loop.stop()


class Transform(basic.NetstringReceiver):
    def stringReceived(self, string):
        name, dot, poem = string.partition(b".")
        if dot and name == b"cummingsify":
            self.sendString(poem.lower())
        self.transport.loseConnection()


class PoetryClient(protocol.Protocol):
    def connectionMade(self):
        self.poem = b""

    def dataReceived(self, data):
        self.poem += data

    def connectionLost(self, reason=protocol.connectionDone):
        self.factory.done(self.poem)


class PoetryClientFactory(protocol.ClientFactory):
    protocol = PoetryClient
    noisy = False

    def __init__(self):
        self.deferred = defer.Deferred()

    def done(self, poem):
        self.deferred.callback(poem)

    def clientConnectionFailed(self, connector, reason):
        self.deferred.errback(reason)


def get_poem(port):
    factory = PoetryClientFactory()
    reactor.connectTCP("127.0.0.1", port, factory)
    return factory.deferred


class Proxy(protocol.Protocol):
    def connectionMade(self):
        poem = get_poem(self.factory.port)
        poem.addCallback(self.transport.write)
        poem.addBoth(lambda _: self.transport.loseConnection())


class Ask(basic.NetstringReceiver):
    answer = b"no answer"

    def connectionMade(self):
        self.sendString(self.factory.request)

    def stringReceived(self, string):
        self.answer = string

    def connectionLost(self, reason=protocol.connectionDone):
        sys.stdout.buffer.write(self.answer)
        reactor.stop()


def serve(kind, **shared):
    factory = protocol.ServerFactory.forProtocol(kind)
    vars(factory).update(shared)
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    print(f"listening on 127.0.0.1:{port.getHost().port}", flush=True)


def get(ports):
    def got(results):
        for whole, poem in results:
            if whole:
                sys.stdout.buffer.write(poem)
        reactor.stop()
    defer.DeferredList([get_poem(int(port)) for port in ports]).addCallback(got)


def ask(port, request):
    factory = protocol.ClientFactory.forProtocol(Ask)
    factory.request = request.encode()
    reactor.connectTCP("127.0.0.1", int(port), factory)


def main():
    what, *arguments = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: reactor.callFromThread(reactor.stop))
    if what in ("serve", "slow"):
        serve(Poetry if what == "serve" else SlowPoetry, poem=poem_from(arguments[0]))
    elif what == "transform":
        serve(Transform)
    elif what == "proxy":
        serve(Proxy, port=int(arguments[0]))
    elif what == "get":
        get(arguments)
    else:
        ask(*arguments)
    reactor.run(installSignalHandlers=False)


main()

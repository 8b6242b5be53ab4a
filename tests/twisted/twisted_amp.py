# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: twisted_amp.py serve
       twisted_amp.py ask PORT
       twisted_amp.py features
       twisted_amp.py control PORT

Twisted's end of the tests of AMP. `serve` and `ask` know the commands of bobbin_amp. `features` and
`control` are the two ends of a control channel: two probabilities that are got and set.
"""

import datetime
import decimal
import signal
import sys

from twisted.internet import defer, endpoints, protocol, reactor, task
from twisted.protocols import amp


class Sum(amp.Command):
    arguments = [(b"a", amp.Integer()), (b"b", amp.Integer())]
    response = [(b"total", amp.Integer())]


class Divide(amp.Command):
    arguments = [(b"numerator", amp.Integer()), (b"denominator", amp.Integer())]
    response = [(b"result", amp.Float())]
    errors = {ZeroDivisionError: b"ZERO_DIVISION"}


class Wait(amp.Command):
    arguments = [(b"seconds", amp.Integer())]
    response = []


EVERYTHING = [(b"integer", amp.Integer()), (b"boolean", amp.Boolean()), (b"number", amp.Float()),
              (b"unicode", amp.Unicode()), (b"string", amp.String()),
              (b"maybe", amp.Integer(optional=True)), (b"list", amp.ListOf(amp.Integer()))]


class Everything(amp.Command):
    arguments = response = EVERYTHING


class TooMuch(Exception):
    pass


RECORDS = [(b"when", amp.DateTime()), (b"until", amp.DateTime(optional=True)),
           (b"rows", amp.AmpList([(b"id", amp.Integer()), (b"name", amp.Unicode())])),
           (b"names", amp.ListOf(amp.Unicode())), (b"price", amp.Decimal())]


class Records(amp.Command):
    arguments = response = RECORDS
    errors = {TooMuch: b"TOO_MUCH"}


class Unheard(amp.Command):
    pass


class Calculator(amp.AMP):
    @Sum.responder
    def sum(self, a, b):
        return {"total": a + b}

    @Divide.responder
    def divide(self, numerator, denominator):
        return {"result": numerator / denominator}

    @Wait.responder
    def wait(self, seconds):
        return defer.ensureDeferred(self.wait_and_ask_back(seconds / 10))

    async def wait_and_ask_back(self, seconds):
        await task.deferLater(reactor, seconds, lambda: None)
        assert (await self.callRemote(Sum, a=1, b=2))["total"] == 3
        return {}

    @Everything.responder
    def everything(self, **values):
        return values

    @Records.responder
    def records(self, **values):
        if len(values["rows"]) > 2 or len(values["names"]) > 3:
            raise TooMuch()
        return values


def say(what, right):
    print(f"{what}: {'right' if right else 'WRONG'}", flush=True)


async def failure_of(question):
    try:
        await question
    except Exception as error:
        return type(error)
    return None


def moment(minutes, *date):
    zone = datetime.timezone(datetime.timedelta(minutes=minutes))
    return datetime.datetime(*date, tzinfo=zone)


async def examine(peer):
    slow = peer.callRemote(Wait, seconds=5)
    say("sum", (await peer.callRemote(Sum, a=-13, b=81))["total"] == 68)
    say("later", not slow.called)
    third = await peer.callRemote(Divide, numerator=1, denominator=3)
    say("float", third["result"] == 1 / 3)
    error = await failure_of(peer.callRemote(Divide, numerator=1, denominator=0))
    say("error", error is ZeroDivisionError)
    say("unhandled", await failure_of(peer.callRemote(Unheard)) is amp.UnhandledCommand)
    values = dict(integer=-2**63, boolean=True, number=-1e300, unicode="\u00e9\u4e2d\U0001f600",
                  string=b"\0\xff", maybe=255, list=[-1, 0, 32767])
    say("everything", await peer.callRemote(Everything, **values) == values)
    values = dict(integer=0, boolean=False, number=0.0, unicode="", string=b"", list=[], maybe=None)
    say("nothing", await peer.callRemote(Everything, **values) == values)
    values = dict(when=moment(330, 2024, 3, 1, 5, 29, 59, 999999), until=moment(-1, 1, 1, 1),
                  rows=[dict(id=-1, name="one"), dict(id=32767, name="")],
                  names=["", "\u00e9"], price=decimal.Decimal("-10.05"))
    back = await peer.callRemote(Records, **values)
    say("records", back == values and back["when"].utcoffset() == values["when"].utcoffset())
    values.update(until=None, names=4 * ["x"])
    say("too much", await failure_of(peer.callRemote(Records, **values)) is TooMuch)
    say("waited", await slow == {})


class Features(amp.AMP):
    values = {"Capitalize": 0.0, "Exclaim": 0.0}


def feature_commands(name):
    get = type(f"Get{name}", (amp.Command,), {"response": [(b"value", amp.Float())]})
    set_ = type(f"Set{name}", (amp.Command,), {"arguments": [(b"value", amp.Float())]})
    return get, set_


COMMANDS = {name: feature_commands(name) for name in Features.values}


class FeatureServer(amp.CommandLocator):
    def locateResponder(self, name):
        verb, feature = name.decode()[:3], name.decode()[3:]
        if feature not in COMMANDS:
            return None
        command = COMMANDS[feature][verb == "Set"]

        def respond(box):
            arguments = command.parseArguments(box, None)
            Features.values[feature] = arguments.get("value", Features.values[feature])
            values = {} if verb == "Set" else {"value": Features.values[feature]}
            return defer.succeed(command.makeResponse(values, None))

        return respond


async def control(peer):
    for again in True, False:
        values = [(await peer.callRemote(get))["value"] for get, _ in COMMANDS.values()]
        print(*values, flush=True)
        if again:
            for _, set_ in COMMANDS.values():
                await peer.callRemote(set_, value=0.5)


def serve(make_protocol):
    factory = protocol.ServerFactory()
    factory.buildProtocol = lambda _: make_protocol()
    port = reactor.listenTCP(0, factory, interface="127.0.0.1")
    print("listening on", port.getHost().port, flush=True)
    signal.signal(signal.SIGTERM, lambda *_: reactor.callFromThread(reactor.stop))
    reactor.run(installSignalHandlers=False)


def ask(port, questions, make_protocol):
    async def main(_):
        endpoint = endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", int(port))
        peer = await endpoints.connectProtocol(endpoint, make_protocol())
        await questions(peer)
        peer.transport.loseConnection()

    task.react(lambda clock: defer.ensureDeferred(main(clock)))


if sys.argv[1] == "serve":
    serve(Calculator)
elif sys.argv[1] == "ask":
    ask(sys.argv[2], examine, Calculator)
elif sys.argv[1] == "features":
    serve(lambda: amp.AMP(locator=FeatureServer()))
else:
    ask(sys.argv[2], control, amp.AMP)

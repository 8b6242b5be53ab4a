# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: twisted_http.py serve | ask PORT | get PORT PROXY_PORT

HTTP by Twisted: a site like that of the example http_server; an Agent that asks such a site for all
it has and says what is right; one that does so through a proxy, by GET alone. On 127.0.0.1.
"""

import io
import sys

from twisted.internet import defer, endpoints, reactor, task
from twisted.web import client, resource, server
from twisted.web.http_headers import Headers
from twisted.web.iweb import UNKNOWN_LENGTH

LINE = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-\n"
MUCH = 300_000


class Site(resource.Resource):
    """All of it: what is asked for is found by hand."""

    isLeaf = True

    def render_GET(self, request):
        path = request.path
        if path == b"/":
            return b"Hello, world\n"
        if path.startswith(b"/bytes/"):
            size = int(path[7:])
            return (LINE * (size // len(LINE) + 1))[:size]
        if path.startswith(b"/slow/"):
            reactor.callLater(int(path[6:]) / 1000, self.end, request)
            return server.NOT_DONE_YET
        request.setResponseCode(404)
        return b"Not Found\n"

    def render_POST(self, request):
        request.write(request.content.read())
        return b""

    def end(self, request):
        request.write(b"at last\n")
        request.finish()


class Unknown(client.FileBodyProducer):
    """A content whose length is not known, so that it goes in chunks."""

    def __init__(self, file):
        super().__init__(file)
        self.length = UNKNOWN_LENGTH


async def ask(agent, base, method, path, body=None):
    response = await agent.request(method, base + path, Headers(), body)
    return response.code, await client.readBody(response)


async def gets(agent, base):
    async def get(path):
        return await ask(agent, base, b"GET", path)

    much = (LINE * (MUCH // len(LINE) + 1))[:MUCH]
    yield "hello", await get(b"/") == (200, b"Hello, world\n")
    yield "much", await get(b"/bytes/%d" % MUCH) == (200, much)
    yield "nothing", await get(b"/bytes/0") == (200, b"")
    yield "missing", (await get(b"/nowhere"))[0] == 404
    yield "later", await get(b"/slow/50") == (200, b"at last\n")
    together = await defer.gatherResults(
        [defer.ensureDeferred(get(b"/bytes/%d" % size)) for size in range(1000, 1020)])
    yield "together", [(200, much[:size]) for size in range(1000, 1020)] == together


async def posts(agent, base):
    for name, kind in ("posted", client.FileBodyProducer), ("chunks", Unknown):
        content = LINE * 3000
        answer = await ask(agent, base, b"POST", b"/echo", kind(io.BytesIO(content)))
        yield name, answer == (200, content)
    yield "head", await ask(agent, base, b"HEAD", b"/") == (200, b"")


async def say(questions):
    async for name, right in questions:
        print(f"{name}: {'right' if right else 'wrong'}", flush=True)


def pool():
    kept = client.HTTPConnectionPool(reactor)
    kept.maxPersistentPerHost = 4
    return kept


async def ask_all(port):
    agent = client.Agent(reactor, pool=pool())
    base = b"http://127.0.0.1:%d" % int(port)
    await say(gets(agent, base))
    await say(posts(agent, base))


async def get_all(port, proxy_port):
    proxy = endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", int(proxy_port))
    agent = client.ProxyAgent(proxy, reactor, pool())
    await say(gets(agent, b"http://127.0.0.1:%d" % int(port)))


def serve():
    port = reactor.listenTCP(0, server.Site(Site()), interface="127.0.0.1")
    print("listening on", port.getHost().port, flush=True)
    reactor.run()


def main(what, *arguments):
    if what == "serve":
        return serve()
    asked = {"ask": ask_all, "get": get_all}[what]
    return task.react(lambda _: defer.ensureDeferred(asked(*arguments)))


if __name__ == "__main__":
    main(*sys.argv[1:])

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""Twisted.web, without its log of requests. Takes the options of the other servers, and needs none
of them but the port."""

import sys

from twisted.internet import reactor
from twisted.web import resource, server


class Hello(resource.Resource):
    isLeaf = True

    def render_GET(self, request):
        request.setHeader(b"Content-Type", b"text/plain")
        return b"Hello, world\n"


class Site(server.Site):
    def log(self, request):
        pass


def main():
    port = int(sys.argv[sys.argv.index("--port") + 1])
    listening = reactor.listenTCP(port, Site(Hello()), backlog=1024, interface="127.0.0.1")
    print(f"listening on 127.0.0.1:{listening.getHost().port}", flush=True)
    reactor.run()


main()

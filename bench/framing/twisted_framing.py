# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""Prints, as JSON, the nanoseconds for each message of 60 bytes that a receiver is given, in
segments of 64 messages each. bobbin_framing.cpp does the same."""

import json
import struct
import sys
import time

from twisted.internet.testing import StringTransport
from twisted.protocols import basic

LENGTH = 60
IN_A_SEGMENT = 64


def measure(base, framed, segments):
    class Counting(base):
        messages = 0
        bytes = 0

        def lineReceived(self, line):
            self.messages += 1
            self.bytes += len(line)

        stringReceived = lineReceived

    receiver = Counting()
    receiver.makeConnection(StringTransport())
    segment = framed * IN_A_SEGMENT
    begin = time.perf_counter_ns()
    for _ in range(segments):
        receiver.dataReceived(segment)
    end = time.perf_counter_ns()
    messages = segments * IN_A_SEGMENT
    assert (receiver.messages, receiver.bytes) == (messages, messages * LENGTH)
    return (end - begin) / messages


def main():
    segments = int(sys.argv[2]) // IN_A_SEGMENT
    text = b"x" * LENGTH
    print(json.dumps({
        "line": measure(basic.LineReceiver, text + b"\r\n", segments),
        "netstring": measure(basic.NetstringReceiver, b"%d:%s," % (LENGTH, text), segments),
        "int32": measure(basic.Int32StringReceiver, struct.pack("!I", LENGTH) + text, segments)}))


main()

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""Prints the nanoseconds of a Deferred with two callbacks, made, fired and gone.

bobbin_composition.cpp does the same.
"""

import sys
import time

from twisted.internet.defer import Deferred


def main():
    rounds = int(sys.argv[2])
    total = 0

    def add(value):
        nonlocal total
        total += value

    begin = time.perf_counter_ns()
    for i in range(rounds):
        deferred = Deferred()
        deferred.addCallback(lambda value: value + 1)
        deferred.addCallback(add)
        deferred.callback(i)
    end = time.perf_counter_ns()
    assert total == rounds * (rounds + 1) // 2
    print(f"{(end - begin) / rounds:.3f}")


main()

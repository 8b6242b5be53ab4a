# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: dashboard_test.py DASHBOARD_IMAGE PAGE [unittest's arguments]

The dashboard as firmware, through QEMU's network. PAGE is the file that is in the image.
"""

import concurrent.futures
import http.client
import json
import pathlib
import sys
import unittest

import qemu

IMAGE = PAGE = None
SLOTS = 8


class DashboardTest(unittest.TestCase):
    def setUp(self):
        self.guest = self.enterContext(qemu.start(IMAGE, forward=80))

    def client(self):
        client = http.client.HTTPConnection("127.0.0.1", timeout=60)
        client.sock = self.guest.connect()
        self.addCleanup(client.close)
        return client

    def ask(self, client, path, **fields):
        client.request("GET", path, headers=fields)
        return client.getresponse()

    def events(self, response, count):
        """So many events, each with its kind."""
        events = []
        while len(events) < count:
            line = response.readline()
            self.assertTrue(line)
            if line.startswith(b"event: "):
                kind = line[7:].strip().decode()
            if line.startswith(b"data: "):
                events.append((kind, json.loads(line[6:])))
        return events

    def test_as_many_browsers_as_there_is_room_for(self):
        clients = [self.client() for _ in range(SLOTS)]

        def browse(client):
            page = self.ask(client, "/")
            content, etag = page.read(), page.getheader("ETag")
            again = self.ask(client, "/", **{"If-None-Match": etag})
            again.read()
            return content, again.status, self.events(self.ask(client, "/events"), 9)

        with concurrent.futures.ThreadPoolExecutor(SLOTS) as pool:
            for content, status, events in pool.map(browse, clients):
                self.assertEqual((content, status), (PAGE, 304))
                self.assertEqual([kind for kind, _ in events], ["about"] + ["sample"] * 8)
                about, samples = events[0][1], [sample for _, sample in events[1:]]
                self.check(about, samples)
        for client in clients:
            client.close()
        self.assertEqual(self.guest.report()["connections"].at_most, SLOTS)
        self.assertEqual(self.guest.quit(), 0)

    def check(self, about, samples):
        self.assertTrue(about["firmware"])
        names = [pool["name"] for pool in about["pools"]]
        self.assertIn("lwIP TCP_PCB", names)
        connections = [sample["pools"][names.index("connections")] for sample in samples]
        for used, capacity, most, _ in connections:
            self.assertTrue(0 < used <= most <= capacity == SLOTS)
        pcbs = samples[-1]["pools"][names.index("lwIP TCP_PCB")]
        self.assertGreaterEqual(pcbs[0], 1)
        for before, after in zip(samples, samples[1:]):
            self.assertLess(before["turns"], after["turns"])
            self.assertLess(before["wakeups"], after["wakeups"])
            waited = after["waited"] - before["waited"]
            self.assertTrue(0 <= waited <= after["time"] - before["time"])
        self.assertGreater(samples[-1]["waited"], samples[0]["waited"])

    def test_a_stream_that_nobody_reads_is_paused(self):
        stream, viewer = self.client(), self.client()
        self.ask(stream, "/stress")
        response = self.ask(viewer, "/events")
        # What lies between takes some of it first. At the end nothing moves any more.
        before = None
        while True:
            kind, sample = self.events(response, 1)[0]
            if kind != "sample":
                continue
            still = before is not None and sample["pauses"] == before["pauses"]
            if still and sample["paused"] == 1:
                break
            before = sample
        self.assertEqual(sample["stress"], 1)
        self.assertGreater(sample["pauses"], 0)
        stream.close()
        while sample["stress"] != 0:
            sample = self.events(response, 1)[0][1]
        self.assertEqual(sample["paused"], 0)


if __name__ == "__main__":
    IMAGE, PAGE = sys.argv.pop(1), pathlib.Path(sys.argv.pop(1)).read_bytes()
    unittest.main(verbosity=2)

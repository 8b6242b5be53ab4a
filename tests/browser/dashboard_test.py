# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: dashboard_test.py DASHBOARD IMAGE PICTURES [unittest's arguments]

The dashboard's page in headless Chromium: served by the program DASHBOARD, and by the firmware
IMAGE in QEMU. Screenshots are left in the folder PICTURES.
"""

import pathlib
import signal
import sys
import unittest

from browser import Browser

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests" / "firmware")]

import qemu  # noqa: E402
from clients import connect  # noqa: E402
from process import Process  # noqa: E402

PROGRAM = IMAGE = PICTURES = None
TAB, SPACE, LEFT = "\ue004", " ", "\ue012"
DRAWN = "[...document.querySelectorAll('canvas')].map(canvas => canvas.toDataURL())"


class Page:
    """The tests of both servers. Each test has a server and a browser of its own."""

    def setUp(self):
        self.server = self.enterContext(self.start())
        self.browser = self.enterContext(Browser())
        self.browser.size(1100, 900)
        self.browser.prefer("light")
        self.browser.open(self.url)
        self.live()

    @property
    def url(self):
        return "http://%s:%d/" % self.address

    def tearDown(self):
        name = self.id().rpartition(".")[2]
        self.browser.picture(PICTURES / f"{type(self).__name__}.{name}.png")

    def live(self):
        self.browser.wait_until("document.getElementById('status').className === 'live' && "
                                "document.getElementById('turns').textContent !== '–'",
                                "figures come")

    def test_the_graphs_move(self):
        first = self.browser.evaluate(DRAWN)
        text = self.browser.text("sent-all")
        self.assertEqual(len(first), 4)
        self.browser.wait_until(f"{DRAWN}.every((drawn, i) => drawn !== first[i])".replace(
            "first", str(first)), "each graph has changed")
        self.browser.wait_until(
            f"document.getElementById('sent-all').textContent !== '{text}'", "numbers change")
        self.assertEqual(self.browser.complaints(), [])

    def test_a_bar_follows_the_connections(self):
        row = "document.querySelector('tr[data-pool=connections]')"
        used = f"Number({row}.dataset.used)"
        self.browser.wait_until(f"{row}.dataset.used", "the pools are shown")
        # The browser has one for its events, and may take another.
        before = self.browser.evaluate(used)
        self.assertGreaterEqual(before, 1)
        clients = [self.enterContext(connect(self.address)) for _ in range(3)]
        self.browser.wait_until(f"{used} >= {before + 3}", "more connections are in use")
        bar = f"{row}.querySelector('.bar')"
        filled = f"{bar}.querySelector('span').offsetWidth / {bar}.offsetWidth"
        # It goes there in a fifth of a second.
        self.browser.wait_until(f"Math.abs({filled} - {used} / 8) < 0.03", "the bar shows it")
        for client in clients:
            client.close()
        self.browser.wait_until(f"{used} < {before + 3}", "the clients are gone")
        self.assertEqual(self.browser.complaints(), [])

    def test_a_stream_is_paused_while_nobody_reads_it(self):
        self.press_until_focus("stress")
        self.browser.press(SPACE)
        self.browser.wait_until("document.getElementById('reader').textContent.includes('B/s')",
                                "the stream has begun")
        self.browser.press(TAB)
        self.browser.press(LEFT)
        self.assertTrue(
            self.browser.evaluate("document.querySelector('input[value=\"0\"]').checked"))
        self.browser.wait_until(
            "document.querySelector('#producer span').textContent === 'paused'",
            "the producer is paused")
        self.assertEqual(self.browser.text("paused"), "1")
        self.press_until_focus("stress")
        self.browser.press(SPACE)
        self.browser.wait_until("document.getElementById('of-streams').textContent ==="
                                " 'of 0 streams'", "the stream is over")
        self.assertEqual(self.browser.complaints(), [])

    def press_until_focus(self, element):
        """By the keyboard alone."""
        for _ in range(20):
            if self.browser.evaluate("document.activeElement.id") == element:
                return
            self.browser.press(TAB)
        self.fail(f"the keyboard does not come to {element}")

    def test_fits_a_phone_by_day_and_by_night(self):
        backgrounds = set()
        for scheme in "light", "dark":
            self.browser.size(390, 844, scale=2)
            self.browser.prefer(scheme)
            self.assertLessEqual(
                self.browser.evaluate("document.documentElement.scrollWidth"), 390)
            self.browser.picture(PICTURES / f"{type(self).__name__}.phone-{scheme}.png")
            text, ground = (self.brightness(name) for name in ("color", "backgroundColor"))
            self.assertGreater(abs(text - ground), 400)
            backgrounds.add(ground)
        self.assertEqual(len(backgrounds), 2)

    def brightness(self, name):
        color = self.browser.evaluate(f"getComputedStyle(document.body).{name}")
        return sum(int(part) for part in color.strip("rgb()").split(",")[:3])

    def test_needs_nothing_from_elsewhere(self):
        asked = self.browser.evaluate(
            "performance.getEntriesByType('resource').map(entry => entry.name)")
        self.assertEqual([name for name in asked if not name.startswith(self.url)], [])
        named = self.browser.evaluate(
            "document.documentElement.outerHTML.match(/(https?:)?\\/\\/[a-z][a-z0-9.-]+/g)")
        self.assertEqual(set(named), {"http://www.w3.org"}, "the name of SVG, and nothing else")


class ProgramTest(Page, unittest.TestCase):
    port = 0

    def start(self):
        server = Process([PROGRAM, "--port", str(self.port)])
        match = server.expect(r"listening on ([0-9.]+):(\d+)")
        self.address = (match[1], int(match[2]))
        return server

    def test_says_that_the_connection_is_lost_and_comes_again(self):
        self.server.signal(signal.SIGTERM)
        self.assertEqual(self.server.wait(), 0)
        self.browser.wait_until("document.getElementById('status').className === 'lost'",
                                "the page says so")
        self.assertIn("trying again", self.browser.text("status"))
        self.port = self.address[1]
        self.server = self.enterContext(self.start())
        self.live()


class FirmwareTest(Page, unittest.TestCase):
    def start(self):
        guest = qemu.start(IMAGE, forward=80)
        self.address = guest.address
        return guest


if __name__ == "__main__":
    PROGRAM, IMAGE, PICTURES = (pathlib.Path(sys.argv.pop(1)).resolve() for _ in range(3))
    unittest.main(verbosity=2)

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""A headless Chromium, driven through chromedriver's JSON over HTTP (W3C WebDriver)."""

import base64
import http.client
import json
import pathlib
import re
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from process import PATIENCE, Process  # noqa: E402

OPTIONS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
           "--disable-background-networking", "--disable-component-update", "--disable-sync",
           "--no-first-run", "--no-default-browser-check", "--hide-scrollbars"]


class Browser:
    """One window. As a context manager it ends the browser and its driver."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self._driver = Process(["chromedriver", "--port=0"])
        try:
            port = self._driver.expect(r".*started successfully on port (\d+).*")[1]
            self._connection = http.client.HTTPConnection("127.0.0.1", int(port),
                                                          timeout=2 * PATIENCE)
            options = {"args": [*OPTIONS, f"--user-data-dir={self._folder.name}"]}
            self._session = ""
            made = self._ask("POST", "", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome", "goog:chromeOptions": options,
                "goog:loggingPrefs": {"browser": "ALL"}}}})
            self._session = "/" + made["sessionId"]
        except BaseException:
            self._driver.kill()
            self._folder.cleanup()
            raise
        return self

    def __exit__(self, *_):
        try:
            self._ask("DELETE", "")
        finally:
            self._connection.close()
            self._driver.kill()
            self._folder.cleanup()

    def _ask(self, method, path, body=None):
        text = None if body is None else json.dumps(body)
        self._connection.request(method, f"/session{self._session}{path}", text,
                                 {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        value = json.loads(response.read())["value"]
        if response.status != 200:
            raise AssertionError(f"{method} {path}: {value['error']}: {value['message']}")
        return value

    def _devtools(self, command, **parameters):
        return self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, url):
        self._ask("POST", "/url", {"url": url})

    def evaluate(self, expression):
        """The value of an expression of JavaScript."""
        return self._ask("POST", "/execute/sync",
                         {"script": f"return ({expression});", "args": []})

    def text(self, element):
        """What an element shows, by its id."""
        return self.evaluate(f"document.getElementById({json.dumps(element)}).textContent")

    def press(self, keys):
        """Types, as somebody at the keyboard does."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keys",
                                                    "actions": actions}]})

    def wait_until(self, expression, what, patience=PATIENCE):
        """Waits for an expression to be true."""
        deadline = time.monotonic() + patience
        while not (value := self.evaluate(expression)):
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {patience} s in vain until {what}")
            time.sleep(0.1)
        return value

    def size(self, width, height, scale=1):
        """The window, in pixels of CSS, as a phone has it too."""
        self._devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                       deviceScaleFactor=scale, mobile=False)

    def prefer(self, scheme):
        """"light" or "dark"."""
        self._devtools("Emulation.setEmulatedMedia",
                       features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, path, whole=True):
        """A screenshot, of the whole page however long."""
        taken = self._devtools("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(path).write_bytes(base64.b64decode(taken["data"]))

    def complaints(self):
        """What the console was told since it was last asked, but for remarks."""
        return [re.sub(r"\s+", " ", entry["message"]) for entry in
                self._ask("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]

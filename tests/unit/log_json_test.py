# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: log_json_test.py LOG_JSON [unittest's arguments]

What bobbin logs as JSON is JSON, and says what was logged, whatever that was.
"""

import codecs
import json
import os
import pathlib
import random
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from process import command_of  # noqa: E402

LOG_JSON = None
SEED = int(os.environ.get("BOBBIN_SEED", "20240229"))

# One U+FFFD for each byte that is no part of a character.
codecs.register_error("each", lambda error: ("\ufffd", error.start + 1))

WORST = [
    b"", b'"', b"\\", b'\\"', b"\n\r\t\b\f", bytes(range(1, 0x20)), b"\x00\x7f", b"</script>",
    "é€😀\u2028\u2029\ufeff\x9b".encode(), b"\xff", b"\xc0\x80", b"\xed\xa0\x80\xed\xb0\x80",
    b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xf0\x9f\x98", b"\xe2\x82\xe2\x82\xac", b"\xf0\x80\x80\x80",
    b"{text}", b"{", b'","log_level":"debug', b"\xc2", b"\x80\xbf", b"\xe0\x80\xaf"]


def values():
    numbers = random.Random(SEED)
    yield from WORST
    pieces = WORST[1:] + [b"a", "ü".encode()]
    for _ in range(300):
        yield b"".join(numbers.choices(pieces, k=numbers.randrange(8)))
        yield numbers.randbytes(numbers.randrange(30)).replace(b"\xfe", b"")


def lines(size):
    given = list(values())
    fed = b"".join(value.replace(b"\x00", b"\xfe") + b"\x00" for value in given)
    output = subprocess.run([*command_of(LOG_JSON), str(size)], input=fed, check=True, timeout=60,
                            capture_output=True).stdout
    assert output.endswith(b"\n")
    got = output[:-1].split(b"\n")
    assert len(got) == len(given)
    return list(zip(given, got))


def whole(value):
    text = value.decode(errors="each")
    return {
        "log_time": 1.234567, "log_level": "critical", "log_namespace": text, "log_source": text,
        "log_format": '"{text}" of {count:4}, {yes} {took} {level_now} {why} {where} {raw:-}',
        "log_failure": {"error": "timed out", "native": -7}, "text": text, "count": -5,
        "yes": True, "took": 1.5, "level_now": -21.5, "why": {"error": "cancelled", "native": 0},
        "where": "127.0.0.1:80", "raw": value.hex()}


def unlike_any(pairs):
    """An object of which no name stands twice."""
    assert len({name for name, _ in pairs}) == len(pairs), pairs
    return dict(pairs)


class JsonTest(unittest.TestCase):
    def setUp(self):
        print(f"BOBBIN_SEED={SEED}")

    def test_is_what_was_logged(self):
        for value, line in lines(4000):
            self.assertEqual(json.loads(line, object_pairs_hook=unlike_any), whole(value), value)

    def test_is_whole_and_true_at_every_size(self):
        sizes = set()
        for size in (*range(64, 130), *range(130, 600, 7)):
            for value, line in lines(size):
                self.assertLess(len(line), size)
                got = json.loads(line, object_pairs_hook=unlike_any)
                cut = got.pop("log_truncated", False)
                expected = list(whole(value).items())
                self.assertEqual(list(got.items()), expected[:len(got)])
                self.assertEqual(cut, len(got) < len(expected))
                sizes.add(len(got))
        self.assertEqual(sizes, set(range(1, 15)), "some numbers of fields were never seen")


if __name__ == "__main__":
    LOG_JSON = sys.argv.pop(1)
    unittest.main(verbosity=2)

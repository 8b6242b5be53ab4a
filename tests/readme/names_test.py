# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: names_test.py PROJECT [unittest's arguments]

What README.md says that Twisted's names are called here is declared in a public header.
"""

import pathlib
import re
import sys
import unittest

PROJECT = pathlib.Path(sys.argv[1])

SECTION = re.compile(r"^## Twisted's names, and ours$(.*?)^## ", re.MULTILINE | re.DOTALL)


def ours(section):
    """The identifiers in the second column of the table, and in the text below it."""
    rows = [line.split("|") for line in section.splitlines() if line.startswith("|")]
    texts = [row[2] for row in rows[2:]]
    # "the same" are those of the first column.
    texts += [row[1] for row in rows[2:] if "the same" in row[2]]
    texts.append(section.rpartition("|")[2])
    quoted = re.findall(r"`([^`]+)`", " ".join(texts))
    return sorted(set(re.findall(r"[A-Za-z_]\w+", " ".join(quoted))))


class Names(unittest.TestCase):
    def test_are_in_the_headers(self):
        headers = [path for part in ("core", "net", "port")
                   for path in (PROJECT / part).glob("**/include/**/*.hpp")]
        declared = set(re.findall(r"\w+", " ".join(
            re.sub(r"//.*", "", path.read_text(encoding="utf-8")) for path in headers)))
        names = ours(SECTION.search((PROJECT / "README.md").read_text(encoding="utf-8"))[1])
        self.assertGreater(len(names), 40)
        self.assertEqual([name for name in names if name not in declared], [])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])

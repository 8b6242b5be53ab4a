#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""Rules of the code that no compiler checks. Prints each breach; status 1 if there is one."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = {".hpp", ".cpp", ".h", ".c"}
SCRIPTS = {".py", ".cmake"}

# All that core may use of the standard library: what needs no operating system.
FREESTANDING = set("""algorithm array atomic bit charconv chrono compare concepts coroutine cstddef
    cstdint cstring initializer_list iterator limits memory new numeric optional source_location
    span string_view tuple type_traits utility""".split())

# Which folders' headers a folder may include, beside its own and core's.
ARROWS = {"core": [], "net": [], "port/memory": [], "port/posix": [], "port/lwip": [],
          "port/mps2": ["lwip"]}
PORT_HEADERS = {"memory", "posix", "lwip", "mps2"}

EMPTY_WORDS = re.compile(r"\b(?:class|struct|enum class)\s+"
                         r"\w*(?:Manager|Handler|Processor|Engine|Util)\b")
HEAP = re.compile(r"\b(?:malloc|calloc|realloc|free)\s*\(|\bnew\s+\w|\bdelete\s+\w|\bdelete\[\]"
                  r"|std::(?:string|vector|function|map|deque|list|make_unique|shared_ptr)\b"
                  r"|<iostream>")
NO_HEAP = ("core/", "net/", "port/")


def files():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True,
                            capture_output=True, check=True).stdout.split("\n")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def without_comments(text):
    return re.sub(r"//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", "", text)


def check_header(name, lines):
    start = 1 if lines and lines[0].startswith("#!") else 0
    head = lines[start:start + 2]
    if len(head) < 2 or "SPDX-License-Identifier: MIT" not in head[0] \
            or "SPDX-FileCopyrightText: bobbin contributors" not in head[1]:
        yield f"{name}: the first lines are not the licence's two"


def check_lines(name, lines):
    for number, line in enumerate(lines, 1):
        if len(line) > 100:
            yield f"{name}:{number}: longer than 100 columns"
        if re.search(r"\b(TODO|FIXME|XXX)\b", line) and not name.startswith("tests/rules/"):
            yield f"{name}:{number}: an unfinished thought"


def check_includes(name, text):
    folder = next((place for place in ARROWS if name.startswith(place + "/")), None)
    if folder is None:
        return
    for header in re.findall(r'#include [<"]([^>"]+)[>"]', text):
        port = re.match(r"bobbin/(\w+)(?:\.hpp|/)", header)
        port = port.group(1) if port and port.group(1) in PORT_HEADERS else None
        if port and port != folder.split("/")[-1] and port not in ARROWS[folder]:
            yield f"{name}: includes {header}, against the arrows"
        own = header.startswith("bobbin/") or (ROOT / name).parent.joinpath(header).is_file()
        if folder == "core" and not own and header not in FREESTANDING:
            yield f"{name}: includes {header}; core depends on nothing but the language"


def check_code(name, text):
    code = without_comments(text)
    for match in EMPTY_WORDS.finditer(code):
        yield f"{name}: '{match.group(0)}' says nothing"
    if name.startswith(NO_HEAP):
        for match in HEAP.finditer(code):
            yield f"{name}: '{match.group(0)}' may allocate"


def function_lengths(name, text):
    """Functions as clang-format lays them out: from a '{' at a line's end to the '}' below."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        opening = re.match(r"^( *)(?!//|namespace|class|struct|enum|union|extern|[}:])\S.*\).*\{$",
                           line)
        if not opening:
            continue
        closing = opening.group(1) + "}"
        ends = (i for i in range(number, len(lines))
                if lines[i] == closing or lines[i].startswith(closing + ")"))
        end = next(ends, number)
        if end - number > 70:
            yield f"{name}:{number + 1}: a function of {end - number + 1} lines"


def check_peers():
    """Each row of tests/peers.md names tests that exist: `path`: Suite.name, Suite.name."""
    rows = [line for line in (ROOT / "tests/peers.md").read_text().split("\n")
            if line.startswith("|")][2:]
    for row in rows:
        named = re.findall(r"`([\w/.]+)`((?:(?:: |, )\w+\.\w+)*)", row.split("|")[-2])
        if not named:
            yield f"tests/peers.md: no test in '{row}'"
        for path, tests in named:
            source = ROOT / "tests" / path
            text = source.read_text() if source.is_file() else ""
            if not text:
                yield f"tests/peers.md: there is no tests/{path}"
            for suite, test in re.findall(r"(\w+)\.(\w+)", tests):
                there = rf"\bTEST(?:_F|_P)?\({suite},\s+{test}\)|TYPED_TEST\({suite},\s+{test}\)"
                python = rf"class {suite}\(.*?def {test}\("
                if not re.search(there, text) and not re.search(python, text, re.DOTALL):
                    yield f"tests/peers.md: there is no {suite}.{test} in tests/{path}"


def check_sizes():
    """Each class of a public header is in the report of sizes, or in the list of those that are
    not, with the reason. Structs are settings and plain values."""
    told = set(re.findall(r"[A-Za-z0-9]+", (ROOT / "tests/firmware/sizes/sizes.cpp").read_text()))
    page = "tests/firmware/sizes/README.md"
    rows = [line for line in (ROOT / page).read_text().split("\n") if line.startswith("| ")][1:]
    left_out = re.findall(r"`(\w+)`", "".join(row.split("|")[-2] for row in rows))
    there = set()
    for header in ROOT.glob("**/include/bobbin/**/*.hpp"):
        if "build" not in header.relative_to(ROOT).parts:
            there |= set(re.findall(r"^class (?:alignas\(.*?\) )?(\w+)\b(?!.*;$)",
                                    header.read_text(), re.MULTILINE))
    for name in sorted(there - told - set(left_out)):
        yield f"{page}: nothing says how large a {name} is, nor why that is left out"
    for name in left_out:
        if name not in there or name in told:
            yield f"{page}: {name} is " + ("told of" if name in there else "no public class")


def breaches():
    yield from check_peers()
    yield from check_sizes()
    for path in files():
        name = str(path.relative_to(ROOT))
        code = path.suffix in CODE
        script = path.suffix in SCRIPTS or path.name == "CMakeLists.txt" or (
            path.suffix == "" and path.read_bytes()[:2] == b"#!")
        if not (code or script):
            continue
        text = path.read_text()
        lines = text.split("\n")
        yield from check_header(name, lines)
        yield from check_lines(name, lines)
        if code:
            yield from check_includes(name, text)
            yield from check_code(name, text)
            if not name.startswith("tests/"):
                yield from function_lengths(name, text)


def main():
    found = list(breaches())
    print("\n".join(found) if found else "no rule is broken")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: image_test.py COMPILER FLAGS IMAGE_OR_LIBRARY... [-- unittest's arguments]

No image has a heap, exceptions or stdio in it, and no library of ours would bring them. FLAGS, one
argument, are those that images are compiled and linked with: the control is built with them.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

COMPILER, FLAGS, FILES = None, [], []

FORBIDDEN = re.compile(r"""
    (malloc|calloc|realloc|free|_malloc_r|_calloc_r|_realloc_r|_free_r|_sbrk|_sbrk_r)
    | _Z[nd][wal].*                         # operator new, operator delete
    | __cxa_(throw|rethrow|allocate_exception|begin_catch|end_cleanup)
    | __gxx_personality.* | _Unwind_.* | __gnu_[Uu]nwind.*
    | _*[a-z]*printf(_[a-z]+)?              # the whole family, newlib's own parts of it too
    """, re.VERBOSE)
UNWINDING = re.compile(r"\s(\.ARM\.exidx|\.ARM\.extab|\.eh_frame|\.gcc_except_table)\b")
MASKING = re.compile(r"\bcpsid\b|\bmsr\s+(PRIMASK|BASEPRI|BASEPRI_MAX|FAULTMASK)\b", re.IGNORECASE)

CONTROL = """
#include <cstdio>
#include <cstdlib>
struct Base { virtual ~Base(); int x; };
Base::~Base() {}
void* volatile sink;
extern "C" int main() {
  sink = std::malloc(10);
  std::free(sink);
  Base* base = new Base;
  sink = base;
  std::printf("%d\\n", base->x);
  delete base;
  throw 1;
}
"""
SYSTEM_CALLS = """
extern "C" {
char heap[1 << 20];
void* _sbrk(int) { return heap; }
int _write(int, char*, int) { return 0; }
int _read(int, char*, int) { return 0; }
int _close(int) { return 0; }
int _lseek(int, int, int) { return 0; }
int _fstat(int, void*) { return 0; }
int _isatty(int) { return 0; }
int _getpid() { return 1; }
int _kill(int, int) { return 0; }
void _exit(int) { for (;;) {} }
unsigned __exidx_start, __exidx_end;
void* __dso_handle;
}
"""


def tool(name):
    """The binutils beside the compiler: arm-none-eabi-nm for arm-none-eabi-g++."""
    return re.sub(r"(g\+\+|c\+\+)$", name, COMPILER)


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def symbols(file):
    """The names in an image, or the names a library defines or asks for."""
    lines = output(tool("nm"), file).splitlines()
    return {line.split()[-1] for line in lines if re.match(r"[0-9a-f ]{8} . \S", line)}


def forbidden(file):
    return {name for name in symbols(file) if FORBIDDEN.fullmatch(name)}


class ImageTest(unittest.TestCase):
    def test_nothing_forbidden_is_linked(self):
        self.assertTrue(FILES)
        for file in FILES:
            with self.subTest(file=file):
                self.assertEqual(forbidden(file), set())

    def test_images_have_their_symbols(self):
        for image in images():
            with self.subTest(image=image):
                self.assertLessEqual({"main", "bobbin_vectors"}, symbols(image))

    def test_nothing_but_the_board_turns_interrupts_off(self):
        """So nothing does it for longer the more there is: neither timers nor posted calls."""
        masks = {pathlib.Path(file).name for file in FILES if file.endswith(".a")
                 and MASKING.search(output(tool("objdump"), "-d", file))}
        self.assertLessEqual(masks, {"libbobbin_mps2.a", "libbobbin_mps2_bare.a"})
        self.assertTrue(masks)

    def test_no_tables_for_unwinding(self):
        for image in images():
            with self.subTest(image=image):
                self.assertIsNone(UNWINDING.search(output(tool("readelf"), "-SW", image)))


class ControlTest(unittest.TestCase):
    """A program that does use all this neither links nor passes."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.program = self.folder / "control.elf"

    def build(self, *sources):
        files = []
        for number, text in enumerate(sources):
            files.append(self.folder / f"{number}.cpp")
            files[-1].write_text(text, encoding="ascii")
        # Behind the images' flags, so that there is something to find.
        return subprocess.run(
            [COMPILER, *FLAGS, "-fexceptions", "-Wl,-e,main", *files, "-o", self.program],
            capture_output=True, text=True)

    def test_does_not_link(self):
        built = self.build(CONTROL)
        self.assertNotEqual(built.returncode, 0)
        self.assertIn("undefined reference to `_sbrk'", built.stderr)

    def test_is_found_out_if_it_links(self):
        built = self.build(CONTROL, SYSTEM_CALLS)
        self.assertEqual(built.returncode, 0, built.stderr)
        self.assertLessEqual(
            {"malloc", "free", "_malloc_r", "_free_r", "_sbrk", "_Znwj", "_ZdlPvj", "printf",
             "_printf_i", "__cxa_throw", "__cxa_allocate_exception", "_Unwind_Resume"},
            forbidden(self.program))
        self.assertIsNotNone(UNWINDING.search(output(tool("readelf"), "-SW", self.program)))


def images():
    return [file for file in FILES if file.endswith(".elf")]


if __name__ == "__main__":
    COMPILER, FLAGS = sys.argv[1], sys.argv[2].split()
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    FILES = sys.argv[3:end]
    unittest.main(argv=[sys.argv[0], *sys.argv[end + 1:]], verbosity=2)

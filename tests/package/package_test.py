#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: package_test.py CMAKE BUILD_FOLDER WORK_FOLDER COMPILER [unittest's arguments]

bobbin as a user has it: `project` is somebody's program with its tests. It is copied out of the
tree and built, once with what `cmake --install` puts down, once with bobbin's source in its build.
"""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "support"))

from process import Process  # noqa: E402

CMAKE = BUILD = WORK = COMPILER = None
VERSION = re.search(r"project\(bobbin VERSION (\S+)", (SOURCE / "CMakeLists.txt").read_text())[1]
LIBRARIES = ("core", "memory", "net", "posix", "testing")
# Whoever runs the tests may have set these; the program's author has not.
UNWANTED = ("CXXFLAGS", "CFLAGS", "LDFLAGS", "CMAKE_BUILD_TYPE", "CMAKE_PREFIX_PATH", "DESTDIR")


def run(*command, good=True, **variables):
    """What it says; its status is 0, or is not."""
    environment = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    environment |= {name: str(value) for name, value in variables.items()}
    done = subprocess.run([str(word) for word in command], env=environment, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if (done.returncode == 0) != good:
        words = " ".join(str(word) for word in command)
        raise AssertionError(f"{words}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def files_below(folder):
    return sorted(file.relative_to(folder).as_posix()
                  for file in folder.rglob("*") if file.is_file())


def headers_below(folder):
    return [name for name in files_below(folder) if name.endswith(".hpp")]


def public_headers():
    """Those of a host, as they are included."""
    folders = (SOURCE / part / "include" for part in ("core", "net", "port/memory", "port/posix"))
    return sorted(header for folder in folders for header in headers_below(folder))


def configure(project, name, *options, good=True):
    """The build's folder, made anew, and what was said."""
    build = WORK / name
    shutil.rmtree(build, ignore_errors=True)
    said = run(CMAKE, "-G", "Ninja", "-S", project, "-B", build,
               f"-DCMAKE_CXX_COMPILER={COMPILER}", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", *options,
               good=good)
    return build, said


def commands_of(build):
    """The command that compiles each file, by the file's name."""
    listed = json.loads((build / "compile_commands.json").read_text())
    return {pathlib.Path(each["file"]).name: each["command"] for each in listed}


def setUpModule():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    shutil.copytree(HERE / "project", WORK / "project")
    run(CMAKE, "--install", BUILD, "--prefix", WORK / "first")
    # It may be anywhere.
    (WORK / "first").rename(WORK / "installed")


class ProjectTest(unittest.TestCase):
    def assert_works(self, build):
        run(CMAKE, "--build", build, "-j", "2")
        self.assertIn("100% tests passed, 0 tests failed out of 2",
                      run("ctest", "--test-dir", build))
        self.assert_untidy_tests_say_why(run(build / "untidy_test", good=False))
        self.assert_serves(build / "reverser")

    def assert_untidy_tests_say_why(self, said):
        for reason in ("  a connection, from 127.0.0.1:",
                       "  1 timer, the first due in ",
                       "  a failure that nobody handled: connection refused, from ",
                       "  an error that was logged and not flushed: [untidy] no answer: timed out",
                       "no result within the limit, 120 s of virtual time"):
            self.assertIn(reason, said)
        self.assertIn("4 FAILED TESTS", said)

    def assert_serves(self, program):
        with socket.create_server(("127.0.0.1", 0)) as unused:
            nobody = unused.getsockname()[1]
        with Process([program, 0, nobody]) as server:
            port = int(server.expect(r"serving on port (\d+)")[1])
            with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
                client.sendall(b"stressed\r\n")
                with client.makefile("rb") as answer:
                    self.assertEqual(answer.readline(), b"desserts\r\n")
            server.signal(signal.SIGTERM)
            self.assertEqual(server.wait(), 0)
            log = "\n".join(server.errors.rest())
        self.assertRegex(log, r"\[reverser#critical\] nobody handled connection refused, from .*"
                              r"reverser\.hpp:\d+: connection refused")


class ReadmeTest(unittest.TestCase):
    def test_shows_what_is_kept(self):
        readme = (SOURCE / "README.md").read_text()
        section = re.search(r"^## Testing your protocols\n(.*?)^## ", readme,
                            re.MULTILINE | re.DOTALL)[1]
        pieces = re.findall(r"^```[a-z+]+\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        self.assertEqual(len(pieces), 3)
        kept = "".join((SOURCE / "tests" / name).read_text()
                       for name in ("package/project/CMakeLists.txt",
                                    "package/project/reverser_test.cpp",
                                    "unit/http_agent_test.cpp"))
        there = {line.strip() for line in kept.splitlines()}
        for line in "".join(pieces).splitlines():
            self.assertIn(line.strip(), there)


class InstalledTest(ProjectTest):
    def setUp(self):
        self.prefix = WORK / "installed"
        self.libraries = next(self.prefix.rglob("libbobbin_core.a")).parent
        self.there = f"-DCMAKE_PREFIX_PATH={self.prefix}"

    def test_has_libraries_and_licence(self):
        for library in LIBRARIES:
            self.assertTrue((self.libraries / f"libbobbin_{library}.a").is_file(), library)
        self.assertTrue((self.prefix / "share/doc/bobbin/LICENSE").is_file())

    def test_has_all_headers_and_no_others(self):
        installed = self.prefix / "include"
        self.assertEqual(headers_below(installed), public_headers())
        everything = WORK / "everything.cpp"
        everything.write_text("".join(f"#include <{each}>\n" for each in public_headers()))
        run(COMPILER, "-fsyntax-only", "-std=c++20", f"-I{installed}", everything)

    def test_may_be_staged(self):
        # As who makes a distribution's package does.
        run(CMAKE, "--install", BUILD, "--prefix", "/opt/bobbin", DESTDIR=WORK / "stage")
        self.assertEqual(files_below(WORK / "stage/opt/bobbin"), files_below(self.prefix))

    def test_names_no_folder_of_this_machine(self):
        for file in self.prefix.rglob("*"):
            if file.suffix in (".cmake", ".pc"):
                self.assertNotIn(str(SOURCE), file.read_text(), file)
                self.assertNotIn(str(WORK), file.read_text(), file)

    def test_is_found_by_a_project(self):
        build, _ = configure(WORK / "project", "found", self.there)
        self.assert_works(build)

    def test_makes_files_a_part_of_a_program(self):
        project = WORK / "embedding"
        (project / "pages").mkdir(parents=True)
        (project / "pages/index.html").write_text("<!doctype html>\n")
        (project / "main.cpp").write_text(
            '#include <cstdio>\n#include "pages.hpp"\n'
            'int main() { std::puts(pages.find("")->type.data()); }\n')
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.22)\nproject(embedding LANGUAGES CXX)\n"
            "find_package(bobbin CONFIG REQUIRED COMPONENTS net)\n"
            "add_executable(embedding main.cpp)\n"
            "target_link_libraries(embedding PRIVATE bobbin::net)\n"
            "bobbin_embed_files(embedding pages DIRECTORY pages)\n")
        build, _ = configure(project, "embedding.build", self.there)
        run(CMAKE, "--build", build)
        self.assertEqual(run(build / "embedding"), "text/html; charset=utf-8\n")
        # What comes later is built in too, and what goes is not.
        new = project / "pages/new.css"
        for there in True, False:
            new.write_text("p {}\n") if there else new.unlink()
            run(CMAKE, "--build", build)
            self.assertEqual('"new.css"' in (build / "embedded/pages.cpp").read_text(), there)

    def test_says_which_components_there_are(self):
        for name, words in (("dns", ("bobbin has no component 'dns'", "core memory net posix")),
                            ("lwip", ("BOBBIN_LWIP_SOURCE",))):
            _, said = self.configure_finding(f"bobbin CONFIG REQUIRED COMPONENTS core {name}")
            for expected in words:
                self.assertIn(expected, " ".join(said.split()))

    def test_is_not_of_another_version(self):
        major, minor, _ = (int(part) for part in VERSION.split("."))
        for version in (f"{major}.{minor + 1}", f"{major + 1}.0"):
            _, said = self.configure_finding(f"bobbin {version} CONFIG REQUIRED")
            self.assertIn(f"version: {VERSION}", said)

    def configure_finding(self, package):
        project = WORK / "finding"
        project.mkdir(exist_ok=True)
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.22)\nproject(finding LANGUAGES CXX)\n"
            f"find_package({package})\n")
        return configure(project, "finding.build", self.there, good=False)

    def test_is_found_by_pkg_config(self):
        self.assertEqual(self.pkg_config("--modversion"), [VERSION])
        flags = self.pkg_config("--cflags", "--libs")
        # A program of one's own flags: here as firmware has them.
        run(COMPILER, "-fno-exceptions", "-fno-rtti", WORK / "project/main.cpp", *flags, "-o",
            WORK / "by_pkg_config")
        self.assert_serves(WORK / "by_pkg_config")

    def pkg_config(self, *questions):
        return run("pkg-config", *questions, "bobbin",
                   PKG_CONFIG_PATH=self.libraries / "pkgconfig").split()


class FromSourceTest(ProjectTest):
    def test_is_a_part_of_a_project(self):
        build, _ = configure(WORK / "project", "from_source", "-DBOBBIN_FROM_SOURCE=ON",
                             f"-DFETCHCONTENT_SOURCE_DIR_BOBBIN={SOURCE}")
        self.assert_leaves_the_rest_alone(build)
        self.assert_works(build)

    def assert_leaves_the_rest_alone(self, build):
        cache = (build / "CMakeCache.txt").read_text()
        self.assertIn("CMAKE_BUILD_TYPE:STRING=\n", cache)
        commands = commands_of(build)
        for flag in ("-std=", "-O", "-W", "-fno-", "bobbin/"):
            self.assertNotIn(flag, commands["bystander.cpp"].partition(" -o ")[0])
        self.assertNotIn("-Werror", commands["reactor.cpp"])
        for not_wanted in ("echo.cpp", "reactor_test.cpp"):
            self.assertNotIn(not_wanted, commands)
        run(CMAKE, "--install", build, "--prefix", WORK / "nothing")
        self.assertFalse((WORK / "nothing").exists())


if __name__ == "__main__":
    CMAKE, COMPILER = sys.argv[1], sys.argv[4]
    BUILD, WORK = pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]).resolve() / "work"
    unittest.main(argv=[sys.argv[0], *sys.argv[5:]], verbosity=2)

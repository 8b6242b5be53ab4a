#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: bobbin contributors
"""usage: bites.py SESSIONS PATCH FOLDER OBJECT... -- COMPILER FLAG...

Builds the sessions with the bug of one patch, in a folder of its own, and runs them until a seed
finds it: until they say what is wrong and with which seed. SESSIONS, the same without the bug, must
find nothing in that seed. Only the source that is patched is compiled; what it defines comes before
the libraries. Status 1 if the bug cannot be built in, or is not found."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEEDS = 1000


def patched_source(patch, folder):
    """A copy of the one file that the patch changes, with the bug in it."""
    names = [line[6:].strip() for line in patch.read_text().splitlines()
             if line.startswith("+++ b/")]
    assert len(names) == 1 and names[0].endswith(".cpp"), f"{patch} is to change one .cpp"
    source = folder / names[0]
    shutil.rmtree(folder, ignore_errors=True)
    source.parent.mkdir(parents=True)
    shutil.copy(ROOT / names[0], source)
    # Not as a part of the repository that the folder may lie in: its paths count from here.
    environment = os.environ | {"GIT_CEILING_DIRECTORIES": str(folder.parent)}
    subprocess.run(["git", "apply", "--recount", str(patch)], cwd=folder, env=environment,
                   check=True)
    assert source.read_text() != (ROOT / names[0]).read_text(), f"{patch} changes nothing"
    return source


def run(program, first, count):
    return subprocess.run([str(program), str(first), str(count)], text=True, capture_output=True,
                          timeout=240, check=False)


def failed_seed(ran):
    """The seed of which the sessions say what is wrong; None if they say nothing of the kind."""
    told = re.search(r"^seed (\d+): .", ran.stdout + ran.stderr, re.MULTILINE)
    return int(told.group(1)) if told and ran.returncode != 0 else None


def main():
    arguments = sys.argv[1:]
    split = arguments.index("--")
    sessions, patch, folder, *objects = arguments[:split]
    folder = pathlib.Path(folder)
    source = patched_source(pathlib.Path(patch), folder)
    program = folder / "sessions"
    subprocess.run([*arguments[split + 1:], str(source), *objects, "-o", str(program)], check=True)
    ran = run(program, 1, SEEDS)
    print("\n".join((ran.stdout + ran.stderr).strip().splitlines()[-3:]))
    seed = failed_seed(ran)
    if seed is None:
        print(f"{SEEDS} seeds have not found it: status {ran.returncode}")
        return 1
    if run(sessions, seed, 1).returncode != 0:
        print(f"seed {seed} fails without the bug, too")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

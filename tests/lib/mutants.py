#!/usr/bin/env python3
"""Change one operator or constant of a source file at a time and see whether its tests notice.

usage: mutants.py [--count N] [--seed N] [--build FOLDER] [FILE...]

FILE: of src/domain or src/ledger; all of those without the projectors by default, whose tests need
whole offices. Its tests are the Check program that holds test_FILE.c, else the one of its floor. Works in a copy of the tree, in a build folder of its own, so the tree is never touched.
A mutant is caught when the compiler refuses it, a test fails, or the tests run for longer than five
times what they take unchanged. Survivors are printed with their line before and after; what is known
of them stands in docs/mutants.md, one line each, which this reads: a survivor that it names by file
and by the changed text counts as explained. Exit status 1: a survivor that it does not name.
"""

import argparse
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
FLOORS = ("domain", "ledger")
TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|/\*.*?\*/|//[^\n]*|^[ \t]*#(?:[^\n\\]|\\.|\\\n)*'
    r"|(?<= )(?:<=|>=|==|!=|&&|\|\||<|>|\+|-)(?= )|\b(?:true|false)\b|(?<![\w.\[])\d+(?![\w.\]])",
    re.S | re.M,
)
OTHER = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
    "+": "-", "-": "+", "true": "false", "false": "true",
}


def sites(text):
    """(offset, what stands there, what to put there) of every change that can be made."""
    for m in TOKEN.finditer(text):
        old = m.group()
        if old in OTHER:
            yield m.start(), old, OTHER[old]
        elif old.isdigit() and len(old) < 12:
            yield m.start(), old, str(int(old) + 1)


def programs():
    """Which Check program tests a module: the one that holds test_MODULE.c."""
    found = {}
    for mk in sorted((TOP / "tests/unit").glob("*.mk")):
        text = mk.read_text().replace("\\\n", " ")
        for program, sources in re.findall(r"tests_unit_(check_\w+)_SOURCES \+?= (.*)", text):
            for module in re.findall(r"tests/unit/test_(\w+)\.c", sources):
                found.setdefault(module, program)
    return found


def program_of(name, by_module):
    path = pathlib.PurePath(name)
    return by_module.get(path.stem, f"check_{path.parts[1]}")


def line_of(text, at):
    return text[text.rfind("\n", 0, at) + 1 : (text + "\n").index("\n", at)].strip()


def tests(build, program, limit):
    """Did the program pass? None: it ran for too long."""
    env = dict(os.environ, srcdir=str(build.parent), AFORO_SRCDIR=str(build.parent), AFORO_BUILDDIR=str(build))
    try:
        done = subprocess.run(
            [str(build / "tests/unit" / program)], cwd=build, env=env, timeout=limit,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        return None
    return done.returncode == 0


def make(build, target):
    return subprocess.run(
        ["make", "-s", f"-j{os.cpu_count()}", target], cwd=build,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def prepare(copy, wanted):
    """A configured copy of the tree with the programs, and how long each runs."""
    names = subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, text=True, check=True).stdout.split("\n")
    for name in filter(None, names):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(TOP / name, copy / name)
    build = copy / "build"
    build.mkdir()
    for command in (["autoreconf", "-fi"], None):
        subprocess.run(command or ["../configure", "-q", "CFLAGS=-O1"], cwd=build if command is None else copy,
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    took = {}
    for program in sorted(wanted):
        if not make(build, f"tests/unit/{program}"):
            sys.exit(f"{program} does not build")
        start = time.monotonic()
        if not tests(build, program, None):
            sys.exit(f"{program} fails before anything is changed")
        took[program] = time.monotonic() - start
    return build, took


def explained(name, before, after):
    page = TOP / "docs/mutants.md"
    return page.exists() and any(
        name in row and f"`{before}`" in row and f"`{after}`" in row for row in page.read_text().splitlines())


def main():
    ask = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1])
    ask.add_argument("--count", type=int, default=200)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("files", nargs="*")
    a = ask.parse_args()
    files = a.files or sorted(
        str(p.relative_to(TOP)) for floor in FLOORS for p in (TOP / "src" / floor).glob("*.c")
        if not p.name.startswith("project"))
    chance = random.Random(a.seed)
    by_module = programs()
    all_sites = [(f, *s) for f in files for s in sites((TOP / f).read_text())]
    chosen = chance.sample(all_sites, min(a.count, len(all_sites)))
    with tempfile.TemporaryDirectory(prefix="aforo-mutants-") as where:
        copy = pathlib.Path(where)
        build, took = prepare(copy, {program_of(site[0], by_module) for site in chosen})
        caught = known = new = 0
        for number, (name, at, old, put) in enumerate(sorted(chosen), 1):
            text = (TOP / name).read_text()
            program = program_of(name, by_module)
            changed = text[:at] + put + text[at + len(old):]
            (copy / name).write_text(changed)
            survived = make(build, f"tests/unit/{program}") and tests(build, program, 5 * took[program] + 10)
            (copy / name).write_text(text)
            before, after = line_of(text, at), line_of(changed, at)
            if not survived:
                caught += 1
            elif explained(name, before, after):
                known += 1
            else:
                new += 1
                print(f"{name}:{text.count(chr(10), 0, at) + 1}: survives\n  - {before}\n  + {after}", flush=True)
            if number % 25 == 0:
                print(f"# {number} of {len(chosen)}", file=sys.stderr, flush=True)
        print(f"{len(chosen)} of {len(all_sites)} places changed: {caught} caught, {known} explained, {new} survive")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())

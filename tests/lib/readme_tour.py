"""The commands of README's tour, run in their order on a copy of the demo office: what they print is what README says.

usage: readme_tour.py README PROGRAM DEMO_OFFICE

Prints a line for each that differs, and its status is how many; when none does, "as README.md says".

A command is an indented line that begins with "$ "; what stands below it, up to the next or to the end of the block, is what
it prints, in any line breaks; "..." stands for anything.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

PASSWORD = "demo-1234"


def commands_of(path):
    found = []
    for line in open(path, encoding="utf-8"):
        if not line.startswith("        "):
            if line.strip():
                open_block = False
            continue
        text = line.strip()
        if text.startswith("$ "):
            found.append((text[2:], []))
            open_block = True
        elif found and open_block:
            found[-1][1].append(text)
    return found


def pattern_of(lines):
    words = " ".join(lines).split()
    return r"\s+".join(re.escape(w).replace(r"\.\.\.", r".*") for w in words)


def main():
    readme, program, office = sys.argv[1], os.path.realpath(sys.argv[2]), sys.argv[3]
    lang = "es" if "LEAME" in readme else "en"
    bad = 0
    with tempfile.TemporaryDirectory() as work:
        shutil.copytree(office, os.path.join(work, "demo-office"))
        os.mkdir(os.path.join(work, "build"))
        os.symlink(program, os.path.join(work, "build", "aforo"))
        with open(os.path.join(work, "pw"), "w", encoding="utf-8") as out:
            out.write(PASSWORD + "\n")
        shell = f'cd {work}; aforo() {{ build/aforo --lang {lang} --office demo-office "$@"; }}; '
        tour = commands_of(readme)
        for command, said in tour:
            if re.match(r"aforo login\b", command):
                command += " --password-file pw"
            run = subprocess.run(["bash", "-c", shell + command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 stdin=subprocess.DEVNULL, check=False)
            got = run.stdout.decode("utf-8", "replace")
            if said and not re.fullmatch(r"\s*" + pattern_of(said) + r"\s*", got, re.S):
                bad += 1
                print(f"{os.path.basename(readme)}: $ {command}\n  printed: {got.strip()[:1500]}")
        if len(tour) < 10:
            bad += 1
            print(f"{os.path.basename(readme)}: only {len(tour)} commands were found")
    if bad == 0:
        print(f"as {os.path.basename(readme)} says")
    sys.exit(min(bad, 100))


if __name__ == "__main__":
    main()

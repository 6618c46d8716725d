"""An opinion that is not ours on the schemas of data/schemas and on what fits them.

usage: schema_agree.py SCHEMAS LINES

Each schema must be a proper one of draft 2020-12. Each line of LINES is {"schema": name, "ok": our verdict, "instance":
value}. Exit status 0: agreed; 1: not (told on standard error); 2: python3-jsonschema is not installed.
"""
import json
import os
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    sys.exit(2)


def load(folder):
    """The schemas by name, each with the files that it refers to put in their places."""
    raw = {}
    for file in sorted(os.listdir(folder)):
        with open(os.path.join(folder, file), encoding="utf-8") as f:
            raw[file] = json.load(f)
        Draft202012Validator.check_schema(raw[file])

    def whole(node):
        if isinstance(node, list):
            return [whole(x) for x in node]
        if not isinstance(node, dict):
            return node
        ref = node.get("$ref")
        return whole(raw[ref]) if isinstance(ref, str) else {k: whole(v) for k, v in node.items()}

    return {file[: -len(".json")]: Draft202012Validator(whole(s)) for file, s in raw.items()}


def main():
    validators = load(sys.argv[1])
    wrong = 0
    with open(sys.argv[2], encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            theirs = validators[case["schema"]].is_valid(case["instance"])
            if theirs != case["ok"]:
                wrong += 1
                if wrong <= 10:
                    print("schemas disagree, ours %s: %s" % (case["ok"], line[:600]), file=sys.stderr)
    sys.exit(1 if wrong else 0)


main()

#!/usr/bin/python3
"""Hold a Green Button file of ours against the shape of the Green Button Alliance's samples: each element stands where theirs
does and in their order, days have the hours that they have, intervals lie in their day.
usage: greenbutton_check.py OURS SAMPLE...      prints "DAYS INTERVALS SUM LENGTHS", lengths of days in hours """
import sys
import xml.etree.ElementTree as tree

ESPI = "{http://naesb.org/espi}"


def fail(why):
    sys.exit("greenbutton_check: " + why)


def paths(root):
    """Each element's path, with the order of its children as seen: {path: [child tags in order of first sight]}"""
    found = {}

    def walk(node, path):
        names = found.setdefault(path, [])
        for child in node:
            if not isinstance(child.tag, str):
                continue
            if child.tag not in names:
                names.append(child.tag)
            walk(child, path + "/" + child.tag)

    walk(root, root.tag)
    return found


def main():
    ours = tree.parse(sys.argv[1]).getroot()
    known = {}
    for sample in sys.argv[2:]:
        for path, names in paths(tree.parse(sample).getroot()).items():
            merged = known.setdefault(path, [])
            merged.extend(n for n in names if n not in merged)
    for path, names in paths(ours).items():
        if path not in known:
            fail(f"{path} is not in the samples")
        order = [n for n in known[path] if n in names]
        if path.endswith("content") is False and order != names and ESPI in path:
            fail(f"{path}: {names} do not come in the order {order}")
    lengths, intervals, total, last = [], 0, 0, 0
    for block in ours.iter(ESPI + "IntervalBlock"):
        start = int(block.find(f"{ESPI}interval/{ESPI}start").text)
        length = int(block.find(f"{ESPI}interval/{ESPI}duration").text)
        lengths.append(length / 3600)
        for reading in block.iter(ESPI + "IntervalReading"):
            at = int(reading.find(f"{ESPI}timePeriod/{ESPI}start").text)
            if not start <= at < start + length or at < last:
                fail(f"the interval at {at} is out of its day or order")
            last = at
            intervals += 1
            total += int(reading.find(ESPI + "value").text)
    print(len(lengths), intervals, total, " ".join(f"{h:g}" for h in lengths))


main()

#!/usr/bin/python3
"""Read workbooks of ours again with openpyxl: nothing but totals is a formula, each total is what its cells add up to, ids are
texts, the table's headings are those of the sheet. With --recalculate, LibreOffice reckons each workbook anew, and its totals
must be the stored ones.
usage: sheets_check.py [--recalculate] FILE...      prints "N workbooks, M formulas" """
import csv
import os
import re
import subprocess
import sys
import tempfile
from decimal import Decimal

import openpyxl

RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
TOTAL = re.compile(r"^=(SUBTOTAL\(109,|SUM\()(.*)\)$")
RANGE = re.compile(r"(?:'([^']*)'!)?([A-Z]+)(\d+):[A-Z]+(\d+)")


def fail(why):
    sys.exit("sheets_check: " + why)


def exact(value):
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def reckon(book, sheet, ranges):
    total = Decimal(0)
    for name, column, first, last in RANGE.findall(ranges):
        ws = book[name] if name else sheet
        for row in ws[f"{column}{first}:{column}{last}"]:
            if isinstance(row[0].value, (int, float)):
                total += exact(row[0].value)
    return total


def check(path):
    """[(sheet, cell, stored value)] of a workbook's totals."""
    formulas = openpyxl.load_workbook(path)
    values = openpyxl.load_workbook(path, data_only=True)
    found = []
    for ws in formulas.worksheets:
        shown = values[ws.title]
        for table in ws.tables.values():
            heads = [c.value for c in ws[table.ref][0]]
            if [c.name for c in table.tableColumns] != heads:
                fail(f"{path}: the table's columns are not its headings")
        for row in ws.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                match = TOTAL.match(str(cell.value))
                if match is None:
                    fail(f"{path}: {ws.title}!{cell.coordinate} is a formula: {cell.value!r}")
                stored = shown[cell.coordinate].value
                if stored is None or exact(stored) != reckon(values, shown, match.group(2)):
                    fail(f"{path}: {ws.title}!{cell.coordinate} stores {stored}")
                found.append((ws.title, cell.row, cell.column, stored))
    return found


def recalculated(paths, home):
    with open(os.path.join(home, "registrymodifications.xcu"), "w", encoding="utf-8") as f:
        f.write(RECALCULATE)
    profile = os.path.join(home, "profile")
    os.makedirs(os.path.join(profile, "user"))
    os.rename(os.path.join(home, "registrymodifications.xcu"), os.path.join(profile, "user", "registrymodifications.xcu"))
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to",
         "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,0", "--outdir", home, *paths],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main():
    args = sys.argv[1:]
    again = args[:1] == ["--recalculate"]
    paths = args[1:] if again else args
    totals = {path: check(path) for path in paths}
    if again:
        with tempfile.TemporaryDirectory() as home:
            recalculated(paths, home)
            for path, cells in totals.items():
                name = os.path.join(home, os.path.basename(path).rsplit(".", 1)[0] + ".csv")
                if not os.path.exists(name):
                    fail(f"LibreOffice did not open {path}")
                rows = list(csv.reader(open(name, encoding="utf-8")))
                for sheet, row, column, stored in cells:
                    if abs(Decimal(rows[row - 1][column - 1]) - exact(stored)) > Decimal("0.000001"):
                        fail(f"{path}: LibreOffice reckons {rows[row - 1][column - 1]}, stored is {stored}")
    print(f"{len(paths)} workbooks, {sum(len(c) for c in totals.values())} formulas")


main()

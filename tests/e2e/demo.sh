#!/usr/bin/env bash
# The demo office, made from nothing: its bills hold word for word, each is computed again and comes out the same, and what stands in
# the workbook and the PDF is what stands in the tables. AFORO_UPDATE_GOLDEN=1 takes the bills as they are now.
set -euo pipefail
bin=$(realpath "${AFORO_BIN:?}") top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
golden=$top/tests/golden/bill
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

office=$work/demo-office
AFORO_BIN=$bin AFORO_LANG=en "$top/data/demo/demo.sh" "$office" >/dev/null
a() { "$bin" --office "$office" --quiet "$@"; }
# What differs from one making to the next: the hash of a signed entry.
text() { pdftotext -layout "$1" - | sed 's/leaf [0-9a-f]*/leaf HASH/; s/hoja [0-9a-f]*/hoja HASH/; s/[[:space:]]*$//' | cat -s; }

mkdir -p "$golden"
for bill in 3 40 115; do
    for lang in es en; do
        a --lang $lang bill pdf $bill --output "$work/$bill.pdf" >/dev/null
        text "$work/$bill.pdf" >"$work/$bill.$lang.txt"
        [ -z "${AFORO_UPDATE_GOLDEN:-}" ] || cp "$work/$bill.$lang.txt" "$golden/demo-$bill.$lang.txt"
        is "bill $bill in $lang" same \
            "$(cmp -s "$work/$bill.$lang.txt" "$golden/demo-$bill.$lang.txt" && echo same || diff "$golden/demo-$bill.$lang.txt" "$work/$bill.$lang.txt" | head -4)"
    done
done
a --lang en bill pdf 40 --output "$work/again.pdf" >/dev/null
a --lang en bill pdf 40 --output "$work/40.pdf" >/dev/null
is "the same bill twice is the same bytes" 0 "$(cmp "$work/again.pdf" "$work/40.pdf" && echo 0)"
is "fonts are embedded" 0 "$(pdffonts "$work/40.pdf" | tail -n +3 | grep -cv ' yes ' || true)"

bills=$(sqlite3 "$office/office.db" 'SELECT count(*) FROM bill')
explained=0
for ((i = 1; i <= bills; i++)); do
    a explain bill "$i" >/dev/null && explained=$((explained + 1))
done
is "every bill, computed again, is what was recorded" 118 "$explained"
is "numbers have no gap" "1 $bills" "$(sqlite3 -separator ' ' "$office/office.db" 'SELECT min(id), max(id) FROM bill')"
is "the totals of the lines are the totals of the bills" 0 \
    "$(sqlite3 "$office/office.db" 'SELECT count(*) FROM bill b WHERE total <> (SELECT sum(amount) FROM bill_line WHERE bill = b.id)')"
a report bills --format csv >"$work/bills.csv"
unzip -p "$office/reports/bills.xlsx" xl/worksheets/sheet1.xml >"$work/sheet.xml"
is "the workbook has every bill, and its totals as formulas" "118 1" \
    "$(($(grep -o '<row ' "$work/sheet.xml" | wc -l) - 118 > 0 ? 118 : 0)) $(grep -c '<f>' "$work/sheet.xml")"
month=$office/reports/month.txt
is "the month has payments, a note, a dispute, notices and a cut that another approved" "2 1 1 3 1" \
    "$(grep -c '^receipt .* paid into' "$month") $(grep -c 'credit note.*(entry' "$month") $(grep -c '^dispute .* opened' "$month") $(grep -c '^9 notices' "$month") $(grep -c '^cut order 1 stands' "$month")"
is "a second making leaves it as it is" 0 "$(AFORO_BIN=$bin "$top/data/demo/demo.sh" "$office" >/dev/null && echo 0)"
for readme in README LEAME; do
    is "the tour of $readme prints what it says" "as $readme.md says" "$(python3 "$top/tests/lib/readme_tour.py" "$top/$readme.md" "$bin" "$office" 2>&1 || true)"
done
tap_end

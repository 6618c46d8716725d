#!/usr/bin/env bash
# The accounts' money as a journal that balances, checked by ledger-cli; a meter's use as Green Button data, through a day of
# 23 hours; bills into folders.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
office=$work/office demo=$top/data/demo
export AFORO_LANG=en
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

# shellcheck source=data/demo/office.sh
. "$demo/office.sh"
demo_office "$work/pw" >/dev/null
{
    zcat "$demo/readings.csv.gz" | sed -n 1p
    zcat "$demo/readings.csv.gz" | grep -E '[;,]"?(2[0-9]|3[01])/03/2016|[;,]"?0[1-3]/04/2016'
} >"$work/march.csv"
a --date 2016-04-04 import readings "$work/march.csv" --mapping demo-readings >/dev/null
marta --date 2016-04-04 bill run --from 2016-03-01 --to 2016-04-01 >/dev/null
account=$(a report bills --format csv | awk -F, 'NR > 1 && $9 + 0 > 5 && !found {print $2; found = 1}')
olga --date 2016-04-05 drawer open --drawer C1 --float 10 >/dev/null 2>&1 || true
marta --yes --date 2016-04-06 note issue --type credit --account "$account" --amount 1.00 --reason "a courtesy" >/dev/null
marta --yes --date 2016-04-06 note issue --type debit --account "$account" --amount 0.25 --reason "a copy" >/dev/null
marta --yes --date 2016-04-07 bill cancel 1 --reason "another's meter" >/dev/null

a export journal -o "$work/j.ledger" >/dev/null
a export journal --format csv -o "$work/j.csv" >/dev/null
open=$(a report accounts --format csv | awk -F, 'NR > 1 {sum += $NF} END {printf "%.2f", sum}')
is "the journal's debits are its credits" yes \
    "$(awk -F, 'NR > 1 {d += $8 * 100; c += $9 * 100} END {print (d > 0 && d - c < 0.5 && c - d < 0.5) ? "yes" : (d " " c)}' "$work/j.csv")"
is "a cancelled bill takes its tax and its income back" 0.00 \
    "$(awk -F, 'NR > 1 && ((($4 == "bill") && $5 == 1) || ($4 == "credit_note" && $5 == 2)) && $7 ~ /tax|Income/ {n++; s += $8 - $9} END {if (n > 3) printf "%.2f", s}' "$work/j.csv")"
is "each transaction adds up to nothing" 0 \
    "$(awk -F, 'NR > 1 {s[$1] += ($8 - $9) * 100} END {for (t in s) if (s[t] > 0.5 || s[t] < -0.5) bad++; print bad + 0}' "$work/j.csv")"
if command -v ledger >/dev/null; then
    is "ledger-cli: all accounts together are nothing" 0 "$(ledger -f "$work/j.ledger" balance | tail -n 1 | tr -d ' ')"
    is "ledger-cli: receivables are the accounts' balances" "$open EUR" \
        "$(ledger -f "$work/j.ledger" balance --depth 2 Receivable | sed -n 1p | sed 's/^ *//; s/  .*//')"
else
    echo "ok $((n += 1)) - ledger-cli # SKIP the program ledger is not installed"
fi
is "a journal's second run gives the same bytes" same "$(a export journal -o "$work/again" >/dev/null && cmp "$work/j.ledger" "$work/again" && echo same)"

samples=${AFORO_DATA:-$top/../shared/data}/greenbutton
serial=$(zcat "$demo/readings.csv.gz" | sed -n 2p | sed 's/[;,].*//; s/"//g')
a export greenbutton "$serial" --from 2016-03-26 --to 2016-03-28 -o "$work/gb.xml" >/dev/null
use=$(a report readings --serial "$serial" --format csv | awk -F, 'NR > 1 && $3 >= "2016-03-26T00:00" {if (first == "") first = $4; if ($3 < "2016-03-29T01") last = $4} END {print first, last}')
if [ -d "$samples" ]; then
    got=$("$top/tests/lib/greenbutton_check.py" "$work/gb.xml" "$samples"/*.xml)
    is "Green Button: three days, the second of 23 hours" "3 24 23 24" "$(echo "$got" | awk '{print $1, $4, $5, $6}')"
    is "Green Button: the sum of the intervals is what the register moved" yes \
        "$(echo "$got $use" | awk '{d = ($8 - $7) * 1000; print ($3 > 0 && d - $3 < 50 && $3 - d < 50) ? "yes" : ($3 " " d)}')"
else
    echo "ok $((n += 1)) - Green Button # SKIP AFORO_DATA has no greenbutton"
fi

marta bill pdf --output "$work/bills/" >/dev/null
marta bill pdf --per account --output "$work/accounts/" >/dev/null
is "a file a bill" "$(a report bills --format csv | tail -n +2 | wc -l)" "$(find "$work/bills" -name '*.pdf' | wc -l)"
is "a file an account" "$(a report bills --format csv | tail -n +2 | cut -d, -f2 | sort -u | wc -l)" "$(find "$work/accounts" -name '*.pdf' | wc -l)"
is "nothing is left that says a run is not done" 0 "$(find "$work/bills" "$work/accounts" -name '.aforo-bills' | wc -l)"
is "deep verification" 0 "$(a verify --deep >/dev/null 2>&1; echo $?)"
tap_end

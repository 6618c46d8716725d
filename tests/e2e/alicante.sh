#!/usr/bin/env bash
# The whole file of Alicante: a year of 92 real water meters, imported, counted, billed by the month, and to the litre.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
data=${AFORO_DATA:-$top/../shared/data}
file=$data/water/alicante_2016_hourly.csv.gz
[ -f "$file" ] || { echo "1..0 # SKIP $file is not there"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
office=$work/office
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

# shellcheck source=data/demo/office.sh
. "$top/data/demo/office.sh"
# shellcheck source=tests/lib/alicante.sh
. "$top/tests/lib/alicante.sh"
alicante_demo "$file" "$work"
demo_office "$work/pw" >/dev/null

# import FILE: as of the day after the last reading
import() { a --date 2017-03-01 --lang en import readings "$1" --mapping demo-readings; }
# said LABEL: the number that a report gives for it
said() { sed -n "s/^ *$1  *\([0-9.]*\)\$/\1/p" "$work/report.txt" | head -n 1 | tr -d .; }
import "$file" >"$work/report.txt"
is "rows read" 674019 "$(said 'rows read')"
is "meters" 92 "$(said meters)"
is "falling steps" 203 "$(said 'falling steps')"
is "of these backflow of 1 to 100 litres" 195 "$(said 'of these by 100 l at most')"
is "repeated times" 78 "$(said 'repeated times')"
is "with another value" 8 "$(said 'of these with another value')"
is "gaps above two hours" 13777 "$(said 'gaps of more than two hours')"
is "the longest, in days" 217 "$(said 'the longest, in days')"
is "jumps above 5 m3" 16 "$(said 'jumps of more than 5.000 l')"
is "meters out of order" 9 "$(said 'meters not in order of time')"
is "exponents" 5 "$(said 'values in exponent notation, read exactly')"
is "rows without use" 345024 "$(said 'rows without use since the one before')"
is "refused" 0 "$(said refused)"

# The same rows again: another name, another order, a part of them, one value changed.
rows() { sqlite3 "$office/office.db" 'SELECT count(*) FROM reading'; }
zcat "$file" >"$work/all.csv"
{ head -n 1 "$work/all.csv"; tail -n +2 "$work/all.csv" | sort -t';' -k3,3 -k1,1; } >"$work/other order.csv"
before=$(rows)
import "$work/other order.csv" >"$work/report.txt"
is "another order stores nothing" "674019 0" "$(said 'stored before') $(($(rows) - before))"
{ head -n 1 "$work/all.csv"; sed -n '300000,310000p' "$work/all.csv"; } >"$work/part.csv"
import "$work/part.csv" >"$work/report.txt"
is "an overlapping part stores nothing" "10001 0" "$(said 'stored before') $(($(rows) - before))"
awk -F';' -v OFS=';' 'NR == 5000 {$3 = $3 + 7} {print}' "$work/part.csv" >"$work/changed.csv"
import "$work/changed.csv" >"$work/report.txt"
is "one changed value is stored, alone and held" "10000 1 1" \
    "$(said 'stored before') $(said 'stored and held for a supervisor') $(($(rows) - before))"

marta --date 2017-03-02 report readings --format csv >"$work/readings.csv"
is "every row is stored once" 674020 "$(tail -n +2 "$work/readings.csv" | wc -l)"

for month in 2016-03 2016-04 2016-05 2016-06 2016-07 2016-08 2016-09 2016-10 2016-11 2016-12 2017-01 2017-02; do
    to=$(date -u -d "$month-01 +1 month" +%F)
    marta --date "$to" bill run --from "$month-01" --to "$to" >>"$work/billing.txt"
done
# Billed litres of each meter = its last accepted register less its first, by the readings report alone.
marta report bills --format csv >"$work/bills.csv"
awk -F, 'NR > 1 && $6 == "accepted" {split($3, d, "T"); if (d[1] < "2017-03-01") {if (!($2 in first)) first[$2] = $4; last[$2] = $4}}
    END {for (m in first) printf "%s %.3f\n", m, last[m] - first[m]}' "$work/readings.csv" | sort >"$work/registers.txt"
awk -F, 'NR == FNR {serial[$10] = $1; next} FNR > 1 {sum[serial[$2]] += $8} END {for (s in sum) printf "%s %.3f\n", s, sum[s]}' \
    "$demo/meters.csv" "$work/bills.csv" | sort >"$work/billed.txt"
is "billed litres are last register less first, meter by meter" 0 \
    "$(cmp -s "$work/registers.txt" "$work/billed.txt" && echo 0 || { diff "$work/registers.txt" "$work/billed.txt" | head -5 >&2; echo 1; })"
is "twelve runs" 12 "$(a report billing-runs --format csv | grep -c closed)"
is "the ledger verifies" 0 "$(a verify --deep >/dev/null && echo 0)"
tap_end

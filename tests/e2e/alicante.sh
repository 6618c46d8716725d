#!/usr/bin/env bash
# The whole file of Alicante: a year of 92 real water meters, imported, counted, billed by the month, and to the litre.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
data=${AFORO_DATA:-$top/../shared/data}
file=$data/water/alicante_2016_hourly.csv.gz
[ -f "$file" ] || { echo "1..0 # SKIP $file is not there"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
demo=$top/data/demo office=$work/office
n=0 bad=0

is() # what, wanted, got
{
    n=$((n + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $n - $1"
    else
        bad=$((bad + 1))
        echo "not ok $n - $1: wanted '$2', got '$3'"
    fi
}

# shellcheck source=data/demo/office.sh
. "$demo/office.sh"
# An office with the file's own 92 meters in place of the demo's ten.
{
    echo "serial,kind,place,route,order,unit,digits,decimals,installed,account,customer,tariff,limit"
    zcat "$file" | tail -n +2 | cut -d';' -f1 | awk '!seen[$0]++' | awk '{
        printf "%s,water,Calle %d,R-%02d,%d,m3,5,3,2016-01-01,A-%03d,Cliente %d,demo-water,12\n", $1, NR, NR / 10 + 1, NR % 10, NR, NR
    }'
} >"$work/meters.csv"
mkdir "$work/demo"
cp "$demo"/mapping-*.json "$work/demo/"
cp "$work/meters.csv" "$work/demo/meters.csv"
mkdir "$work/tariffs"
cp "$top"/data/tariffs/demo-water.json "$work/tariffs/"
demo=$work/demo
demo_office "$work/pw" >/dev/null

import() { a --date 2017-03-01 import readings "$1" --mapping demo-readings --json; }
import "$file" >"$work/report.json"
fact() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$work/report.json" | tail -n 1; }
cp "$work/report.json" /tmp/alicante-report.json 2>/dev/null || true
is "rows" 674019 "$(fact rows)"
is "meters" 92 "$(fact meters)"

marta --date 2017-03-02 report readings --format csv >"$work/readings.csv"
is "every row is stored once" 674019 "$(tail -n +2 "$work/readings.csv" | wc -l)"

for month in 2016-03 2016-04 2016-05 2016-06 2016-07 2016-08 2016-09 2016-10 2016-11 2016-12 2017-01 2017-02; do
    to=$(date -u -d "$month-01 +1 month" +%F)
    marta --date "$to" bill run --from "$month-01" --to "$to" >>"$work/billing.txt"
done
# Billed litres of each meter = its last accepted register less its first, by the readings report alone.
marta report bills --format csv >"$work/bills.csv"
awk -F, 'NR > 1 && $6 == "accepted" {split($3, d, "T"); if (d[1] < "2017-03-01") {if (!($2 in first)) first[$2] = $4; last[$2] = $4}}
    END {for (m in first) printf "%s %.3f\n", m, last[m] - first[m]}' "$work/readings.csv" | sort >"$work/registers.txt"
awk -F, 'NR == FNR {serial[$10] = $1; next} FNR > 1 {sum[serial[$2]] += $8} END {for (s in sum) printf "%s %.3f\n", s, sum[s]}' \
    "$work/meters.csv" "$work/bills.csv" | sort >"$work/billed.txt"
is "billed litres are last register less first, meter by meter" 0 \
    "$(cmp -s "$work/registers.txt" "$work/billed.txt" && echo 0 || { diff "$work/registers.txt" "$work/billed.txt" | head -5 >&2; echo 1; })"
is "twelve runs" 12 "$(a report billing-runs --format csv | grep -c closed)"
a verify --deep >/dev/null
is "the ledger verifies" 0 $?
echo "1..$n"
exit $((bad > 0))

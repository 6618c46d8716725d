#!/usr/bin/env bash
# kill -9 at random points of an import and of billing: what was told to be durable is there, the ledger verifies, and the
# same commands finish the work as if nothing had happened. 50 points; ten times as many in soak.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
demo=$top/data/demo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
points=50
[ "${AFORO_SOAK:-0}" = 1 ] && points=500
RANDOM=20161121
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

office=$work/template
# shellcheck source=data/demo/office.sh
. "$demo/office.sh" # demo_office: an office with the demo's tariffs, users and meters, nothing read yet
demo_office "$work/pw" >/dev/null

# Four months of three meters are enough to be struck in; in soak it is all ten and half a year.
zcat "$demo/readings.csv.gz" >"$work/readings.csv"
months="2016-03 2016-04 2016-05 2016-06 2016-07 2016-08"
if [ "${AFORO_SOAK:-0}" != 1 ]; then
    sed -i '25001,$d' "$work/readings.csv"
    sed -i -n -E '1p; \|^[^;]*;[0-9]+/0[1-6]/2016|p' "$work/readings.csv"
    months="2016-03 2016-04 2016-05"
fi
import() { a --json --date 2017-03-01 import readings "$work/readings.csv" --mapping demo-readings; }
bill()
{
    local m to
    for m in $months; do
        to=$(date -u -d "$m-01 +1 month" +%F)
        a --json --date "$to" bill run --from "$m-01" --to "$to"
    done
}

# What an undisturbed run comes to.
cp -a "$work/template" "$work/calm"
office=$work/calm
import >/dev/null
bill >/dev/null
a report readings --format csv | cut -d, -f2-6 >"$work/readings.calm"
a report bills --format csv | cut -d, -f2,4,5,8,9 >"$work/bills.calm"

start=$(date +%s%N)
cp -a "$work/template" "$work/timed"
office=$work/timed
import >/dev/null
bill >/dev/null
span_ms=$((($(date +%s%N) - start) / 1000000))

lost=0 broken=0 killed=0
for ((i = 0; i < points; i++)); do
    rm -rf "$work/struck"
    cp -a "$work/template" "$work/struck"
    office=$work/struck
    log=$work/log
    : >"$log"
    { import && bill; } >>"$log" 2>/dev/null &
    job=$!
    sleep "$(awk -v ms=$((RANDOM * span_ms / 32768)) 'BEGIN {printf "%.3f", ms / 1000}')"
    kill -9 "$job" 2>/dev/null || true # first the shell, so that it starts nothing more
    if pkill -9 -f -- "--office $office " 2>/dev/null; then
        killed=$((killed + 1))
    fi
    wait "$job" 2>/dev/null || true
    told=$(sed -n 's/.*"durable":\([0-9]*\),.*/\1/p' "$log" | tail -n 1)
    there=$(a report history --format csv | tail -n +2 | tail -n 1 | cut -d, -f1)
    [ "${told:-0}" -le "${there:-0}" ] || lost=$((lost + 1))
    a verify --full >/dev/null 2>&1 || broken=$((broken + 1))
    import >/dev/null
    bill >/dev/null
    a report readings --format csv | cut -d, -f2-6 | cmp -s - "$work/readings.calm" || broken=$((broken + 1))
    a report bills --format csv | cut -d, -f2,4,5,8,9 | cmp -s - "$work/bills.calm" || broken=$((broken + 1))
    if [ $((i % 10)) -eq 0 ]; then
        a verify --deep >/dev/null 2>&1 || broken=$((broken + 1))
    fi
done
is "nothing that was told to be durable is missing after $points kills" 0 "$lost"
is "the ledger verifies and the work is finished the same" 0 "$broken"
is "many kills struck while the program ran" 1 "$((killed * 3 > points))"
tap_end

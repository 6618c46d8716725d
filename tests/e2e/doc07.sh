#!/usr/bin/env bash
# The tables of requirement document 07, to the cent, from an installation reading of 0, and around their edges.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$work/office" --lang en "$@"; }
a init --code DOC07 --name "Documento 07" --currency USD --zone America/Costa_Rica --locale es_CR \
    --login ana --person "Ana" --password-file "$work/pw" >/dev/null
a login --user ana --password-file "$work/pw" >/dev/null
a user add olga --person "Olga" --roles operator --password-file "$work/pw" >/dev/null
op() { a --session "$work/olga" "$@"; }
op login --user olga --password-file "$work/pw" >/dev/null
from=$(date -d '40 days ago' +%F) read_on=$(date -d '9 days ago' +%F) until=$(date -d '8 days ago' +%F)
a tariff publish "$top/data/tariffs/doc07-water.json" >/dev/null
a tariff publish "$top/data/tariffs/doc07-energy.json" >/dev/null

# meter ACCOUNT SERIAL KIND UNIT TARIFF LIMIT READING: installed at 0, read once a month later
meter()
{
    a meter add "$2" --kind "$3" --unit "$4" --digits 5 --decimals 0 --account "$1" --customer "Cliente $1" \
        --tariff "$5" --max-rate 100 --installed "$from" --initial 0 --limit "$6" >/dev/null
    op reading add "$2" "$7" --time "$read_on 09:42" >/dev/null
}
meter 121 AGUA-121 water m3 doc07-water 6000 12042
meter 121 LUZ-P3 energy kWh doc07-energy 350 384
meter 201 W-LIMIT water m3 doc07-water 6000 6000      # at the limit: no excess
meter 202 W-TOL water m3 doc07-water 6000 6012        # at the tolerance: recorded, free
meter 203 W-TOL1 water m3 doc07-water 6000 6013       # one unit beyond it
meter 204 W-ZERO water m3 doc07-water 6000 0
meter 205 W-LOWLIM water m3 doc07-water 0 100         # limit 0: all is excess
meter 206 E-LIM energy kWh doc07-energy 350 350
meter 207 E-OVER energy kWh doc07-energy 350 351
a limit set W-ZERO 10 --start "$read_on" >/dev/null

is "nothing was held" 0 "$(a report held --format csv | tail -n +2 | wc -l)"
a bill run --from "$from" --to "$until" >"$work/run.txt"
a report bills --format csv >"$work/bills.csv"
a report surcharges --format csv >"$work/sur.csv"
total() { awk -F, -v acc="$1" '$2 == acc {print $9}' "$work/bills.csv"; }
surcharge() { awk -F, -v s="$1" '$1 == s {print $4, $5, $6, $8}' "$work/sur.csv"; }
is "water and energy together (view 3)" 1484.50 "$(total 121)"
is "water: 12042 - 6000 = 6042, 904.50 (view 2)" "6000.000 12042.000 6042.000 904.50" "$(surcharge AGUA-121)"
is "energy: 384 - 350 = 34, 34.00" "350.000 384.000 34.000 34.00" "$(surcharge LUZ-P3)"
is "at the limit nothing is charged" "500.00|" "$(total 201)|$(surcharge W-LIMIT)"
is "within the tolerance it is recorded and free" "500.00|6000.000 6012.000 12.000 0.00" "$(total 202)|$(surcharge W-TOL)"
is "one unit beyond the tolerance" "500.15|6000.000 6013.000 13.000 0.15" "$(total 203)|$(surcharge W-TOL1)"
is "no use" 500.00 "$(total 204)"
is "limit 0" "513.20|0.000 100.000 100.000 13.20" "$(total 205)|$(surcharge W-LOWLIM)"
is "energy at the limit" 46.00 "$(total 206)"
is "energy one above" 47.00 "$(total 207)"
a explain bill 1 >"$work/explain.txt"
is "the bill explains its surcharge" 1 "$(grep -c '(6.042 − 12) × 0,15 = 904,50' "$work/explain.txt")"
is "the ledger verifies" 0 "$(a verify --deep >/dev/null 2>"$work/err" && echo 0 || { cat "$work/err" >&2; echo 1; })"
tap_end

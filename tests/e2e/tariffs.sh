#!/usr/bin/env bash
# Tariffs as somebody who makes bills meets them: what a tariff would cost, a rate of OpenEI's URDB put into our form, a month of
# real half-hour readings billed by hours and by demand, and a price that changes in the middle of the month.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

a() { "$bin" --office "$work/office" --lang en "$@"; }
total() { "$bin" --lang en tariff try "$@" --json | sed 's/.*"total":"\([^"]*\)".*/\1/'; }
fixtures=$top/tests/fixtures/tariffs

is "Celsia, 190 kWh, subsistence level 173" 51703.00 "$(total "$fixtures/celsia-173.json" --use 190)"
is "Celsia, 190 kWh, subsistence level 130" 66857.00 "$(total "$fixtures/celsia-130.json" --use 190)"
is "CNFL, 250 kWh" 20051.50 "$(total "$fixtures/cnfl-2020-10.json" --use 250)"
is "document 07, water" 1404.50 "$(total "$top/data/tariffs/doc07-water.json" --use 12042 --limit 6000)"
is "Ergon 12, by hours" 104.86 "$(total "$fixtures/qld-t12-ergon-2017.json" --use 184.99 --days 31 --month 1 \
    --with peak=75.49 --with shoulder=0 --with offpeak=109.5)"
is "Ergon 14, by demand" 98.53 "$(total "$fixtures/qld-t14-ergon-2017.json" --use 183.92 --days 31 --month 1 \
    --with demand-30-peak=0.7 --with demand-30-shoulder=0 --with peak=0 --with shoulder=0 --with offpeak=0)"
is "what a tariff measures has to be said" 2 \
    "$("$bin" --lang en tariff try "$fixtures/every-measure.json" --use 1 >/dev/null 2>"$work/err" && echo 0 || echo $?)"
is "and the error says how" 1 "$(grep -c -- '--with 1.8.1=N (kWh)' "$work/err")"

"$bin" tariff urdb "$fixtures/urdb.json" --code tou-8 --output "$work/tou-8.json" >/dev/null
is "a rate of URDB" 139.92 "$(total "$work/tou-8.json" --use 1000 --month 7 --with p1=700 --with p2=300 --with demand-15=12)"
is "no file is written over" 1 "$("$bin" --lang en tariff urdb "$fixtures/urdb.json" --code b --output "$work/tou-8.json" 2>&1 >/dev/null |
    grep -c 'is there already')"
sed 's/"sector"/"energyoverage": 2, "sector"/' "$fixtures/urdb.json" >"$work/odd.json"
is "what cannot be expressed is named" 1 "$("$bin" --lang en tariff urdb "$work/odd.json" --code b 2>&1 >/dev/null |
    grep -c '^[^:]*: \$.energyoverage:')"

# Half-hour readings of a real meter (NEM12), from intervals to a register.
nem=${AFORO_DATA:-}/tariffs/qld_tariffs/example_NEM12.csv
if [ ! -r "$nem" ]; then
    echo "ok $((n + 1)) - half-hour readings # SKIP AFORO_DATA has no tariffs/qld_tariffs"
    echo "1..$((n + 1))"
    exit $((bad > 0))
fi
# Register in Wh at the end of each half hour; and, apart from the program, what the hours come to in September.
awk -F, -v register="$work/register.csv" '
    $1 == 200 {on = $5 == "E1"}
    $1 == 300 && on && $2 >= 20160820 && $2 <= 20161005 {
        for (i = 1; i <= 48; i++) {
            wh = int($(i + 2) * 1000 + 0.5); sum += wh
            m = i * 30; day = $2
            if (m == 1440) {cmd = "date -d \"" $2 " + 1 day\" +%Y%m%d"; cmd | getline day; close(cmd); m = 0}
            printf "NMI-1,%s-%s-%s %02d:%02d,%d.%03d\n", substr(day, 1, 4), substr(day, 5, 2), substr(day, 7, 2),
                int(m / 60), m % 60, sum / 1000, sum % 1000 > register
            if ($2 >= 20160901 && $2 <= 20160930) {
                all += wh
                if (i > 30 && i <= 43) {shoulder += wh; if (wh > most) most = wh}
            }
        }
    }
    END {print all, shoulder, all - shoulder, most * 2}' "$nem" >"$work/expected"
read -r all shoulder offpeak demand <"$work/expected"
is "September was read whole" 1 "$((all > 50000))"

echo clave-de-prueba >"$work/pw"
a init --code QLD --name "Queensland" --currency AUD --zone Australia/Brisbane --locale en_US \
    --login ana --person "Ana" --password-file "$work/pw" >/dev/null
a login --user ana --password-file "$work/pw" >/dev/null
a user add olga --person "Olga" --roles operator --password-file "$work/pw" >/dev/null
a user add luis --person "Luis" --roles supervisor --password-file "$work/pw" >/dev/null
op() { a --session "$work/olga" "$@"; }
op login --user olga --password-file "$work/pw" >/dev/null
a --session "$work/luis" login --user luis --password-file "$work/pw" >/dev/null
cat >"$work/mapping.json" <<'J'
{"kind":"readings","separator":",","heading_lines":0,"columns":{"serial":1,"time":2,"value":3},
 "time_format":"%Y-%m-%d %H:%M","time_zone":"Australia/Brisbane","decimal":".","unit":"kWh","as_of":"newest"}
J
a tariff publish "$fixtures/qld-t12-ergon-2017.json" >/dev/null
a tariff publish "$fixtures/qld-t14-ergon-2017.json" >/dev/null
a meter add NMI-1 --kind energy --decimals 3 --installed 2016-08-20 --initial 0 --account 1 --customer "Cliente 1" \
    --tariff t12-ergon-2017 --date 2016-08-20 >/dev/null
a meter add NMI-2 --kind energy --decimals 3 --installed 2016-08-20 --initial 0 --account 2 --customer "Cliente 2" \
    --tariff t14-ergon-2017 --date 2016-08-20 >/dev/null
a mapping save nem "$work/mapping.json" >/dev/null
sed 's/^NMI-1/NMI-2/' "$work/register.csv" >>"$work/register2.csv"
a import readings "$work/register.csv" --mapping nem >/dev/null
a import readings "$work/register2.csv" --mapping nem >/dev/null
is "no reading is held" 0 "$(a report held --format csv | tail -n +2 | wc -l)"
a bill run --from 2016-09-01 --to 2016-10-01 --date 2016-10-05 >/dev/null
a explain bill 1 >"$work/explain1"
a explain bill 2 >"$work/explain2"
kwh() { awk -v wh="$1" 'BEGIN {s = sprintf("%.3f", wh / 1000); sub(/0+$/, "", s); sub(/\.$/, "", s); print s}'; }
is "shoulder hours" 1 "$(grep -c "^  shoulder = $(kwh "$shoulder") kWh$" "$work/explain1")"
is "off-peak hours" 1 "$(grep -c "^  offpeak = $(kwh "$offpeak") kWh$" "$work/explain1")"
is "the highest half hour" 1 "$(grep -c "^  demand-30-shoulder = $(kwh "$demand") kW$" "$work/explain2")"
is "the bill by hours is what the calculator says" \
    "$(total t12-ergon-2017 --office "$work/office" --use "$(kwh "$all")" --days 30 --month 9 --with peak=0 \
        --with shoulder="$(kwh "$shoulder")" --with offpeak="$(kwh "$offpeak")")" \
    "$(a report bills --format csv | awk -F, 'NR == 2 {print $9}')"
is "another tariff over the account's history" 1 "$(a tariff try "$fixtures/qld-t11-ergon-2017.json" --account 1 | grep -c '^Together: ')"

# A new version from the 16th of October on.
sed 's/"version": 1/"version": 2/; s/"2016-07-01"/"2016-10-16"/; s/"0.19859"/"0.25"/' "$fixtures/qld-t12-ergon-2017.json" >"$work/v2.json"
a tariff publish "$work/v2.json" >/dev/null
for serial in NMI-1 NMI-2; do
    last=$(tail -n 1 "$work/register.csv" | cut -d, -f3)
    op reading add "$serial" "$(awk -v v="$last" 'BEGIN {printf "%.3f", v + 150}')" --time "2016-11-01 00:00" >/dev/null
done
a --session "$work/luis" reading decide --all --action accept --reason "seen on site" >/dev/null
a bill run --from 2016-10-01 --to 2016-11-01 --date 2016-11-02 >/dev/null
a explain bill 3 >"$work/explain3"
is "the days of each price" "15 of 31|16 of 31" "$(grep -o '[0-9]* of 31' "$work/explain3" | paste -sd'|')"
is "the fixed charge of each part" 2 "$(grep -c 'Supply: 1[56] × 1.01306' "$work/explain3")"
is "a bill with parts is a PDF" 0 "$(a bill pdf 3 --output "$work/bill.pdf" >/dev/null && echo 0)"

# A meter that counts day, night and reactive energy itself, in forties.
cat >"$work/registers.json" <<'J'
{"aforo_tariff":1,"code":"day-night","version":1,"name":{"es":"D","en":"D"},"kind":"energy","currency":"AUD","valid_from":"2016-10-01",
 "unit":"kWh","rounding":{"mode":"half_up","level":"line","step":"0.01"},"time_of_use":{"periods":[
  {"id":"day","register":"1.8.1","label":{"es":"D","en":"Day"}},{"id":"night","register":"1.8.2","label":{"es":"N","en":"Night"}}]},
 "components":[{"type":"time_of_use","id":"energy","label":{"es":"E","en":"Energy"},
  "periods":[{"period":"day","price":"0.20"},{"period":"night","price":"0.10"}]},
  {"type":"reactive","id":"reactive","label":{"es":"R","en":"Reactive"},"register":"3.8.0","free_percent":"48.43","price":"0.05"}]}
J
a tariff publish "$work/registers.json" >/dev/null
a meter add T-1 --kind energy --decimals 0 --multiplier 40 --installed 2016-11-01 --initial 0 --account 3 --customer "Cliente 3" \
    --tariff day-night --date 2016-11-01 >/dev/null
for code in 1.8.1:kWh:20 1.8.2:kWh:10 3.8.0:kvarh:20; do
    IFS=: read -r code unit value <<<"$code"
    a meter register T-1 "1-0:$code" --unit "$unit" --decimals 0 --multiplier 40 --initial 0 --installed 2016-11-01 >/dev/null
    op reading add T-1 "$value" --register "1-0:$code" --time "2016-11-30 18:00" >/dev/null
done
op reading add T-1 30 --time "2016-11-30 18:00" >/dev/null
a --session "$work/luis" reading decide --serial T-1 --action accept --reason "old books" >/dev/null
a bill run --from 2016-11-01 --to 2016-12-01 --date 2016-12-02 >/dev/null
bill=$(a report bills --account 3 --format csv | tail -n 1 | cut -d, -f1)
is "registers are explained from their readings" 2 "$(a explain bill "$bill" |
    grep -cE '^  (1.8.1 = 800 kWh|3.8.0 = 800 kvarh), from 0 \(reading .* to 20 \(reading .*, × 40$')"
is "from the first at midnight to the last in the evening the month is whole" 1 "$(a explain bill "$bill" | grep -c '= 1,200 kWh in 30 days$')"
a bill pdf "$bill" --output "$work/bill.pdf" >/dev/null
is "the bill shows what is charged of reactive energy" 1 "$(pdftotext -layout "$work/bill.pdf" - | grep -c 'Reactive  *218.84 kvarh  *0.05  *10.94')"
is "the ledger verifies" 0 "$(a verify --deep >/dev/null 2>"$work/err" && echo 0 || { cat "$work/err" >&2; echo 1; })"
tap_end

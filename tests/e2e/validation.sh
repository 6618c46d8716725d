#!/usr/bin/env bash
# A supervisor's month: what waits, ranked; estimates, limited and rolled back by a reading; feeders; meters that count too little.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$work/office" --lang en "$@"; }
a init --code VEE --name "Validación" --currency USD --zone America/Costa_Rica --locale es_CR \
    --login ana --person "Ana" --password-file "$work/pw" >/dev/null
a login --user ana --password-file "$work/pw" >/dev/null
a user add olga --person "Olga" --roles operator --password-file "$work/pw" >/dev/null
a user add luis --person "Luis" --roles supervisor --password-file "$work/pw" >/dev/null
op() { a --session "$work/olga" "$@"; }
sv() { a --session "$work/luis" "$@"; }
op login --user olga --password-file "$work/pw" >/dev/null
sv login --user luis --password-file "$work/pw" >/dev/null
a tariff publish "$top/data/tariffs/doc07-water.json" >/dev/null
day() { date -d "$1 days ago" +%F; }
for i in 1 2 3 4; do
    a meter add "M-$i" --kind water --unit m3 --digits 5 --decimals 0 --account "C-$i" --customer "Cliente $i" \
        --tariff doc07-water --installed "$(day 400)" --initial 0 --limit 20 >/dev/null
done
# Nine periods of 30 days: 11, 12, 13 and 40 m3 each.
for p in 1 2 3 4 5 6 7 8 9; do
    at=$((400 - p * 30))
    for i in 1 2 3; do op reading add "M-$i" $((p * (10 + i))) --time "$(day $at) 00:00" >/dev/null; done
    op reading add M-4 $((p * 40)) --time "$(day $at) 00:00" >/dev/null
done
a bill run --from "$(day 220)" --to "$(day 190)" >/dev/null
a bill run --from "$(day 190)" --to "$(day 160)" >/dev/null
a bill run --from "$(day 160)" --to "$(day 130)" >/dev/null

# --- the queue
op reading add M-1 1100 --time "$(day 100) 00:00" >/dev/null
op reading add M-2 12 --time "$(day 100) 00:00" >/dev/null
sv report queue --what readings --format csv >"$work/queue.csv"
is "two readings wait" 2 "$(tail -n +2 "$work/queue.csv" | wc -l)"
is "the dearest first" M-1 "$(awk -F, 'NR == 2 {print $3}' "$work/queue.csv")"
first=$(awk -F, 'NR == 2 {print $2}' "$work/queue.csv")
sv explain reading "$first" >"$work/why.txt"
is "the source of the rule is named" yes "$(grep -q 'CREG 105 007' "$work/why.txt" && echo yes)"
is "a slip is offered" yes "$(grep -q 'The dial may have shown' "$work/why.txt" && echo yes)"
sv reading decide --all --action accept --reason prueba --preview >"$work/preview.txt"
is "a preview records nothing" 2 "$(sv report queue --what readings --format csv | tail -n +2 | wc -l)"
is "a preview speaks of bills" yes "$(grep -q 'instead of' "$work/preview.txt" && echo yes)"
sv reading decide --serial M-1 --action re-read --reason fuga >/dev/null
is "somebody is sent" 1 "$(sv report work --format csv | grep -c re-read)"
sv reading decide --all --action reject --reason "mal leídas" >/dev/null
last=$(sv report decisions --format csv | tail -1 | cut -d, -f1)
sv decision undo "$last" --yes --reason "otra vez" >/dev/null
is "a decision is taken back" 1 "$(sv report queue --what readings --format csv | tail -n +2 | wc -l)"
sv reading decide --all --action reject --reason "mal leída" >/dev/null

# --- estimates
is "all are estimated" 4 "$(sv reading estimate --time "$(day 100) 00:00" --reason lluvia --quiet | grep -o '^[0-9]*')"
a bill run --from "$(day 130)" --to "$(day 100)" >/dev/null
is "a second time" 4 "$(sv reading estimate --time "$(day 70) 00:00" --reason lluvia --quiet | grep -o '^[0-9]*')"
a bill run --from "$(day 100)" --to "$(day 70)" >/dev/null
is "no third time" 0 "$(sv reading estimate --time "$(day 40) 00:00" --reason lluvia --quiet | grep -o '^[0-9]*')"
op reading add M-4 362 --time "$(day 30) 00:00" >/dev/null
high=$(sv report queue --rule estimate_high --format csv | awk -F, 'NR == 2 {print $2}')
sv reading reestimate "$high" --reason "leída" --preview >"$work/roll.txt"
is "notes are shown first" 2 "$(grep -o 'credit note' "$work/roll.txt" | wc -l)"
sv reading reestimate "$high" --reason "leída" >/dev/null
is "notes follow" 2 "$(a report notes --format csv | grep -c correction)"
bill=$(a report bills --account C-4 --format csv | tail -1 | cut -d, -f1)
a proof bill "$bill" -o "$work/bill.json" >/dev/null
is "a bill from estimates is proved" yes "$("$bin" --lang en check "$work/bill.json" | grep -q '^it holds' && echo yes)"

# --- feeders, checks, suspects
for i in 1 2 3; do a meter link "M-$i" --above M-4 --start "$(day 390)" >/dev/null; done
is "what is below is added up" "M-4,120.000,108.000,12.000" \
    "$(sv report balance --from "$(day 310)" --to "$(day 220)" --format csv | tail -1 | cut -d, -f1-4)"
sv meter check --from "$(day 310)" --to "$(day 220)" >/dev/null
is "10 % lost is no alarm" 0 "$(sv report queue --rule balance --format csv 2>/dev/null | tail -n +2 | wc -l)"
is "more limits than the rule has are refused" 1 "$({ a rule set balance --yes --kind water --limits 5,2,80,1 --reason x 2>&1 || :; } |
    grep -c 'of the rule balance takes up to 3 ')"
a rule set balance --yes --kind water --limits 5 --reason "red nueva" >/dev/null
sv meter check --from "$(day 310)" --to "$(day 220)" >/dev/null
is "5 % allowed: it is" 1 "$(sv report queue --rule balance --format csv | tail -n +2 | wc -l)"
alert=$(sv report queue --rule balance --format csv | awk -F, 'NR == 2 {print $2}')
is "how far apart, and what is allowed" 1 "$(sv explain reading --alert "$alert" | grep -c ': 12 m³ apart, 6 m³ are allowed')"
a meter add S-1 --kind water --account C-1 --tariff doc07-water --installed "$(day 390)" --initial 0 >/dev/null
a meter link S-1 --above M-1 --start "$(day 390)" --deduct >/dev/null
is "what a master counts besides its sub-meters is no loss" M-4 \
    "$(sv report balance --from "$(day 310)" --to "$(day 220)" --format csv | tail -n +2 | cut -d, -f1)"
is "who fell most comes first" M-4 "$(sv report suspects --to "$(day 30)" --format csv | awk -F, 'NR == 2 {print $1}')"

# --- a dial that passes zero, and counts tens
a meter add R-9 --kind water --unit m3 --digits 5 --decimals 0 --multiplier 10 --account C-9 --customer "Cliente 9" \
    --tariff doc07-water --installed "$(day 100)" --initial 99990 >/dev/null
op reading add R-9 99998 --time "$(day 70) 00:00" >/dev/null
op reading add R-9 3 --time "$(day 40) 00:00" >/dev/null
sv reading decide --serial R-9 --action accept --reason "dio la vuelta" >/dev/null
a bill run --from "$(day 70)" --to "$(day 40)" >/dev/null
bill=$(a report bills --account C-9 --format csv | tail -1 | cut -d, -f1)
is "its bill is explained so that the sum comes out" 1 "$(a explain bill "$bill" |
    grep -c '^  (3 (.* + 100.*000 (the dial passed zero) − 99.*998 (.*) × 10 = 50 m³ in 30 days')"
a bill pdf "$bill" -o "$work/bill.pdf" >/dev/null
is "and says so itself" 1 "$(pdftotext -layout "$work/bill.pdf" - | grep -c 'R-9: (3 + 100.*000 − 99.*998) × 10 = 50')"

# --- out of service, removed, and what stands in the way
b() { a --yes --date "$(day 30)" "$@"; }
b meter state R-9 --state out_of_service --reason "casa vacía" >/dev/null
is "read while out of service, recorded later" 1 "$(op reading add R-9 4 --time "$(day 20) 00:00" | grep -c 'out of service or removed')"
sv reading decide --serial R-9 --action reject --reason "otro contador" >/dev/null
is "a final reading below the last names it" 1 "$({ b meter state R-9 --state removed --final 2 --time "$(day 30) 10:00" \
    --reason obra 2>&1 || :; } | grep -c 'contradicts 3, read on .*reading correct [0-9]')"
b meter state R-9 --state removed --final 4 --time "$(day 30) 10:00" --reason obra >/dev/null
is "put up elsewhere it is another meter" 1 "$({ b meter add R-9 --kind water --account C-1 --tariff doc07-water 2>&1 || :; } |
    grep -c 'put up again.* R-9-2')"
is "no register counts before its meter" 1 "$({ a meter register M-1 8-0:1.0.1 --installed "$(day 500)" 2>&1 || :; } |
    grep -c 'cannot count from')"
is "the ledger verifies" yes "$(a verify --deep >/dev/null && echo yes)"
tap_end

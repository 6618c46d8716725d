#!/usr/bin/env bash
# An office that comes from another system: customers, accounts, meters, who pays, what is owed, readings of 24 years with
# meters exchanged on the way, old bills; from CSV and from workbooks; looked at first, brought twice, taken back. Then a route
# that goes out to a handheld and comes back.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

a() { "$bin" --office "$work/office" --lang en --quiet "$@"; }
j() { { a "$@" --json 2>/dev/null || :; } | tail -n 1 | jq -r "$want"; } # behind the entries
holds() { is "$1: verify --deep" 0 "$(a verify --deep >/dev/null && echo 0 || echo $?)"; }
mapping() { cat >"$work/map.json"; a mapping save "$1" "$work/map.json" >/dev/null; }
entries() { sqlite3 "$work/office/office.db" 'SELECT count(*) FROM entry'; }

printf 'demo-1234\n' >"$work/pw"
a init --code SJ01 --name "Aguas" --currency EUR --zone Europe/Madrid --locale es_ES --login ana --person Ana --password-file "$work/pw" >/dev/null
a login --user ana --password-file "$work/pw" >/dev/null
a --date 1993-01-01 tariff publish "$top/data/tariffs/demo-water.json" >/dev/null 2>&1 || a tariff publish "$top/data/tariffs/demo-water.json" >/dev/null
code=$(sqlite3 "$work/office/office.db" 'SELECT code FROM tariff')

# Fifteen meters of a real utility, under the keys of its old system.
data=${AFORO_DATA:-}/water/san_joan_manual_1993_2017.csv
if [ ! -r "$data" ]; then
    echo "ok 1 - from another system # SKIP AFORO_DATA has no water/san_joan_manual_1993_2017.csv"
    echo "1..1"
    exit 0
fi
tail -n +2 "$data" | cut -d';' -f1 | sort -u >"$work/keys"

# ---- customers, from a workbook that Aforo itself wrote as a report of another office
{
    echo "no;name;tax;phone"
    awk '{printf "C%02d;Cliente %c %d;1-%04d-%04d;96 555 %04d\n", NR, 64 + NR, NR, NR * 7, NR * 13, NR * 11}' "$work/keys"
    printf ';;;\r\n;;;\r\n' # as a spreadsheet leaves them behind the last row
} >"$work/customers.csv"
mapping customers <<'X'
{"kind":"customers","separator":";","columns":{"customer_number":"no","name":"name","tax_id":"tax","phone":"phone"}}
X
before=$(entries)
want='"\(.stored) \(.already) \(.refused)"'
is "a dry run counts" "15 0 0" "$(j import customers "$work/customers.csv" --mapping customers --dry-run)"
is "and records nothing" "$before" "$(entries)"
is "customers" "15 0 0" "$(j import customers "$work/customers.csv" --mapping customers)"
is "again: nothing new" "0 15 0" "$(j import customers "$work/customers.csv" --mapping customers)"

# ---- accounts, assignments, balances
{
    echo "account,old,no,opened"
    awk '{printf "A-%03d,0%d/1993,C%02d,1993-0%d-01\n", NR, 1000 + NR, NR, 1 + NR % 9}' "$work/keys"
} >"$work/accounts.csv"
mapping accounts <<'X'
{"kind":"accounts","columns":{"account":"account","old_account":"old","customer_number":"no","opened":"opened"}}
X
is "accounts" "15 0 0" "$(j import accounts "$work/accounts.csv" --mapping accounts)"
{
    echo serial,order
    awk '{print $1 "," NR * 10}' "$work/keys"
} >"$work/meters.csv"
mapping meters <<'X'
{"kind":"meters","columns":{"serial":"serial","order":"order"},
 "constants":{"kind":"water","installed":"1993-01-01","digits":"5","decimals":"0","route":"R1","place":"San Juan"}}
X
is "meters" "15 0 0" "$(j import meters "$work/meters.csv" --mapping meters)"
{
    echo "serial;old;start"
    awk '{printf "%s;0%d/1993;1993-01-01\n", $1, 1000 + NR}' "$work/keys"
} >"$work/assignments.csv"
mapping assignments <<X
{"kind":"assignments","separator":";","columns":{"serial":"serial","old_account":"old","start":"start"},"constants":{"tariff":"$code"}}
X
is "who pays for which meter" "15 0 0" "$(j import assignments "$work/assignments.csv" --mapping assignments)"
printf 'cuenta;saldo;vence;factura\n01001/1993;1.234,50;15/05/2017;F-77\n01002/1993;-20,00;;\n01003/1993;0;;\n01004/1993;veinte;;\n09999/1993;5;;\n' >"$work/balances.csv"
mapping balances <<'X'
{"kind":"balances","separator":";","decimal":",","group":".","time_format":"%d/%m/%Y",
 "columns":{"old_account":"cuenta","amount":"saldo","due":"vence","reference":"factura"}}
X
is "balances" "2 1 2" "$(j import balances "$work/balances.csv" --mapping balances)"
is "a fault names file, line and field" 1 "$(a import balances "$work/balances.csv" --mapping balances --dry-run 2>/dev/null |
    grep -c 'line 5: field amount: "veinte" is not an amount' || :)"
holds "brought"

# ---- readings of 24 years, newest first
mapping readings <<'X'
{"kind":"readings","separator":";","columns":{"serial":"user key","time":"date","value":"consumption"},
 "time_format":"%Y-%m-%d","unit":"m3","as_of":"each"}
X
want='"\(.rows) \(.exchanges) \(.facts.falls)"'
is "falling steps that look like exchanges are told" "1274 30 30" "$(j import readings "$data" --mapping readings --dry-run)"
want='"\(.rows) \(.accepted) \(.held) \(.exchanges_taken) \(.refused)"'
is "and taken as such" "1274 1179 95 30 0" "$(j import readings "$data" --mapping readings --exchanges)"
is "held are the 95 rows that stand twice, and nothing else" "95" "$(sqlite3 "$work/office/office.db" \
    "SELECT count(*) FROM reading WHERE state = 'held'")"
is "thirty meters came, and none counts backwards" "30 0" "$(sqlite3 -separator ' ' "$work/office/office.db" \
    "SELECT (SELECT count(*) FROM meter WHERE replaces IS NOT NULL), (SELECT count(*) FROM reading a JOIN reading b ON b.register =
     a.register AND b.utc > a.utc AND b.value < a.value)")"
want='"\(.accepted) \(.held) \(.already) \(.exchanges_taken)"'
is "again: nothing new" "0 0 1274 0" "$(j import readings "$data" --mapping readings --exchanges)"
is "again, not told of the exchanges: they are known" "0 0 1274 0" "$(j import readings "$data" --mapping readings)"
import=$(sqlite3 "$work/office/office.db" "SELECT min(id) FROM import_run WHERE kind = 'readings'")
# In a copy, bills are named, and cancelled first; what they stand on stays behind, out of service.
cp -r "$work/office" "$work/copy"
c() { "$bin" --office "$work/copy" --lang en --quiet --yes "$@"; }
c bill run --from 2016-12-15 --to 2017-03-15 >/dev/null
is "bills stand on its exchanges" 1 "$({ c import discard "$import" 2>&1 || :; } | grep -c '15 bills in force .*(1, 2, 3, 4, 5 \.\.\.).*aforo bill cancel 1 ')"
for i in {1..15}; do c bill cancel "$i" --reason "wrong file" >/dev/null; done
c import discard "$import" >/dev/null
is "cancelled, they let it go" "15 15 0" "$(sqlite3 -separator ' ' "$work/copy/office.db" \
    "SELECT sum(state = 'in_service'), sum(state = 'removed'), count(replaces) FROM meter")"
is "and are explained as they were" "1 0" "$(c explain bill 1 | grep -c '^Total [0-9]') $(c verify --deep >/dev/null && echo 0)"
a --yes import discard "$import" >/dev/null
is "taken back, its exchanges too" "15 0" "$(sqlite3 -separator ' ' "$work/office/office.db" \
    "SELECT count(*), sum(state <> 'in_service') FROM meter")"
is "and brought again" "1179 95 0 30" "$(j import readings "$data" --mapping readings --exchanges)"
holds "with history"

# ---- bills of the old system, as documents
printf 'old,number,issued,start,end,amount,use\n01001/1993,F-70,2017-04-01,2017-01-01,2017-04-01,41.20,19\n01001/1993,F-77,2017-05-01,2017-04-01,2017-05-01,1234.50,\n01003/1993,F-78,2017-07-01,2017-06-01,2017-07-01,7.10,\n' >"$work/bills.csv"
mapping bills <<'X'
{"kind":"bills","columns":{"old_account":"old","number":"number","issued":"issued","start":"start","end":"end","amount":"amount","use":"use"},
 "constants":{"unit":"m3"}}
X
want='"\(.stored) \(.already) \(.refused)"'
is "old bills" "3 0 0" "$(j import bills "$work/bills.csv" --mapping bills)"
is "they are listed, and nothing is owed for them" "3 1214.50" "$(a list old-bills --json | jq -r '.rows | length') $(
    sqlite3 "$work/office/office.db" "SELECT printf('%.2f', sum(amount) / 100.0) FROM posting")"

is "what the old system billed is pointed at" "1 1 bill F-77, 2017-04-01 to 2017-05-01" "$(a bill run 2017-04 --preview --json |
    jq -r '"\(.exceptions.old_bill) \([.rows[] | select(.exception == "old_bill")] | length) \(.rows[] | select(.exception == "old_bill").why)"')"
is "and not billed again" 1 "$(a bill run 2017-04 --yes 2>&1 | grep -c 'account A-001: bill F-77 of the earlier system')"
is "nor is a run left open where only a later account was billed" "1 0" "$(a bill run 2017-06 --yes 2>&1 |
    grep -c 'account A-003: bill F-78') $(sqlite3 "$work/office/office.db" 'SELECT count(*) FROM billing_run')"

# ---- found again
is "by an old number" "A-004" "$(a find 1004/1993 --json | jq -r '.rows[0].account')"
is "by an old bill" "A-001" "$(a find f77 --json | jq -r '.rows[0].account')"
is "by name" "C07" "$(a find "cliente g" --json | jq -r '.rows[0].match' | sed 's/.*G 7/C07/')"
is "by telephone" "1" "$(a find 965550055 --json | jq -r '.rows | length')"

# ---- a workbook
a report accounts --output "$work/accounts.xlsx" >/dev/null
mapping book <<'X'
{"kind":"accounts","sheet":"Nada","columns":{"account":"Account","customer_number":"Customer"}}
X
is "a sheet that is not there is named" 1 "$(a import accounts "$work/accounts.xlsx" --mapping book 2>&1 | grep -c 'no sheet "Nada"')"
head -c 3000 "$work/accounts.xlsx" >"$work/cut.xlsx"
is "a workbook that is cut is refused" 1 "$(a import accounts "$work/cut.xlsx" --mapping accounts 2>&1 | grep -c 'is it whole')"

# ---- a route, out and back
a report route-file --route R1 --output "$work/route.csv" >/dev/null
is "a route in walking order" "10 20 30" "$(a report route-file --route R1 --format json | jq -r '[.rows[].order | tostring][0:3] | join(" ")' 2>/dev/null)"
high() { a list route-file --route R1 --date "$1" --json | jq -r '.rows[0].high | tonumber * 1000 | round'; }
is "what is expected goes to the day that is asked for" yes "$([ "$(high 2017-12-01)" -gt "$(high 2017-07-01)" ] && echo yes)"
first=$(sqlite3 "$work/office/office.db" "SELECT serial FROM meter WHERE state = 'in_service' ORDER BY id LIMIT 1")
second=$(sqlite3 "$work/office/office.db" "SELECT serial FROM meter WHERE state = 'in_service' ORDER BY id LIMIT 1 OFFSET 1")
value=$(sqlite3 "$work/office/office.db" "SELECT x.value / 1000 + 9 FROM reading x JOIN register r ON r.id = x.register JOIN meter m ON
    m.id = r.meter WHERE m.serial = '$first' ORDER BY x.utc DESC LIMIT 1")
printf 'serial,time,value,skip,note\n%s,2017-09-14 10:00,%s,,sello roto\n%s,2017-09-14 10:05,,PERRO,\n' "$first" "$value" "$second" >"$work/back.csv"
mapping back <<'X'
{"kind":"readings","columns":{"serial":"serial","time":"time","value":"value","skip":"skip"},"time_format":"%Y-%m-%d %H:%M","unit":"m3","as_of":"each"}
X
mapping back-visits <<'X'
{"kind":"visits","columns":{"serial":"serial","day":"time","skip":"skip","note":"note"},"time_format":"%Y-%m-%d %H:%M"}
X
want='"\(.accepted) \(.skipped) \(.refused)"'
is "readings of a route, judged as all others" "1 1 0" "$(j import readings "$work/back.csv" --mapping back)"
want='"\(.stored) \(.already) \(.refused)"'
is "codes and notes of it" "2 0 0" "$(j import visits "$work/back.csv" --mapping back-visits)"
is "are listed" "sello roto PERRO" "$(a list visits --json | jq -r '[.rows[] | .skip, .note] | map(select(. != null and . != "")) | join(" ")')"
holds "with a route"

# ---- taken back, last first
last=$(sqlite3 "$work/office/office.db" "SELECT max(id) FROM import_run WHERE state <> 'discarded'")
is "an import that others build on stays, and says which goes first" 1 "$(a import discard 2 --yes 2>&1 |
    grep -c "cannot be discarded.*first, from import $last back")"
is "what is asked before names it" 1 "$({ a import discard "$last" </dev/null 2>&1 || :; } | grep -c "import discard $last: ")"
for run in $(sqlite3 "$work/office/office.db" "SELECT id FROM import_run WHERE kind IN ('visits', 'bills', 'balances') ORDER BY id DESC"); do
    a import discard "$run" --yes >/dev/null
done
is "nothing is owed any more" "0 0" "$(sqlite3 -separator ' ' "$work/office/office.db" \
    'SELECT (SELECT sum(amount) FROM posting), (SELECT count(*) FROM old_bill) + (SELECT count(*) FROM visit)')"
want='"\(.stored) \(.already) \(.refused)"'
is "and a better file brings it again" "2 1 2" "$(j import balances "$work/balances.csv" --mapping balances)"
holds "taken back"

tap_end

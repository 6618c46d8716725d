#!/usr/bin/env bash
# aforo verify as an auditor uses it: levels, exit status, --json, going on, stopping, a roll-back, export and rebuild, writers
# at the same time.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

status() { local s=0; "$@" >"$work/out" 2>"$work/err" || s=$?; echo $s; }
says() { if grep -q "$2" "$work/$1"; then echo yes; else cat "$work/$1"; fi; }

# An office with real readings: the demo's.
office=$work/office demo=$top/data/demo
# shellcheck source=data/demo/office.sh
. "$demo/office.sh"
export AFORO_LANG=en
demo_office "$work/pw" >/dev/null
a --date 2017-03-01 import readings "$demo/readings.csv.gz" --mapping demo-readings >/dev/null
db=$office/office.db

# --- levels -----------------------------------------------------------------------------------------------------------
is "verify holds" 0 "$(status a verify)"
entries=$(sqlite3 "$db" 'SELECT max(seq) FROM entry')
is "... from the first entry" yes "$(says out "entries 1 to $entries hold")"
is "verify again has nothing to do" 0 "$(status a verify)"
is "... and says so" yes "$(says out "nothing new since entry $entries")"
a customer add --name "Nueva" >/dev/null
is "verify of one new entry" 0 "$(status a verify)"
is "... checks that one" yes "$(says out "entries $((entries + 1)) to $((entries + 1)) hold")"
is "verify --full --json" 0 "$(status a verify --full --json)"
is "... is JSON with the figures" "true $((entries + 1)) 0" "$(jq -r '"\(.ok) \(.entries) \(.faults | length)"' "$work/out")"
is "... items included" "$(sqlite3 "$db" 'SELECT sum(count) FROM item')" "$(jq .items "$work/out")"
is "verify --deep" 0 "$(status a verify --deep --json)"
is "... compares every row" "$(sqlite3 "$db" 'SELECT (SELECT count(*) FROM reading) < 1' | sed s/0/true/)" \
    "$(jq ".rows > $(sqlite3 "$db" 'SELECT count(*) FROM reading')" "$work/out")"
is "... and leaves no folder" "" "$(find "$office/state" -name 'deep-*')"
is "verify against nothing is no check: status 2" 2 "$(status a verify --against)"
is "... says what lacks" yes "$(says err '^aforo: --against needs a value')"
is "... also before --json" 2 "$(status a verify --full --against --json)"
is "verify with a word too much" 2 "$(status a verify everything)"
is "verify without an office" 1 "$(status "$bin" --office "$work/none" verify)"
is "... says how to make one" yes "$(says err 'aforo init')"

# --- a fault ----------------------------------------------------------------------------------------------------------
cp -r "$office" "$work/tampered"
sqlite3 "$work/tampered/office.db" "UPDATE service_point SET route = 'R-99' WHERE id = 3"
bad_office() { "$bin" --office "$work/tampered" --quiet "$@"; }
is "the ledger alone still holds" 0 "$(status bad_office verify --full)"
is "--deep finds the edit: status 3" 3 "$(status bad_office verify --deep)"
is "... one sentence with table, row, column, both values" yes "$(says err "^aforo: table service_point, row id=3: route is R-99; the ledger says R-01$")"
is "... the same in --json" 3 "$(status bad_office verify --deep --json)"
is "... on standard output" "rows service_point id=3 route R-01 R-99" \
    "$(jq -r '.faults[0] | "\(.check) \(.table) \(.key) \(.column) \(.expected) \(.found)"' "$work/out")"
sqlite3 "$work/tampered/office.db" "UPDATE entry SET payload = replace(payload, 'Nueva', 'Otra'), sig = zeroblob(70) WHERE seq = 9"
is "a changed entry: status 3" 3 "$(status bad_office verify --full)"
is "... is named" yes "$(says err '^aforo: entry 9 was changed')"
is "... but not looked at again by verify alone" 0 "$(status bad_office verify)"

# --- an older copy ----------------------------------------------------------------------------------------------------
cp "$db" "$work/older.db" # nobody has it open, so the WAL is empty
a customer add --name "Más nueva" >/dev/null
a verify >/dev/null
cp -r "$office" "$work/rolled"
rm -f "$work"/rolled/office.db-*
cp "$work/older.db" "$work/rolled/office.db"
for level in "" --full --deep; do
    is "an older copy is seen by verify $level" 3 "$(status "$bin" --office "$work/rolled" verify $level)"
    is "... as a roll-back" yes "$(says err 'rolled back')"
done

# --- export and rebuild -----------------------------------------------------------------------------------------------
is "export ledger" 0 "$(status a export ledger "$work/x.export" --json)"
is "... counts" "$(sqlite3 "$db" 'SELECT count(*) FROM entry')" "$(jq .entries "$work/out")"
is "... never over a file that is there" 1 "$(status a export ledger "$work/x.export")"
is "... to standard output, the same bytes" "$(sha256sum <"$work/x.export")" "$(a export ledger - | sha256sum)"
is "no personal data in it" 0 "$(grep -c -a -e Inventada -e Ficticio "$work/x.export" || :)"
is "rebuild" 0 "$(status "$bin" rebuild "$work/x.export" "$work/rebuilt")"
dump() { sqlite3 "$1" '.dump reading' '.dump meter' '.dump finding' '.dump history' | sha256sum; }
is "... makes the same rows" "$(dump "$db")" "$(dump "$work/rebuilt/office.db")"
is "... whose ledger holds" 0 "$(status "$bin" --office "$work/rebuilt" verify --full)"
is "... never into a folder in use" 1 "$(status "$bin" rebuild "$work/x.export" "$work/rebuilt")"
head -c 20000 "$work/x.export" >"$work/cut.export"
is "half an export is refused" 1 "$(status "$bin" rebuild "$work/cut.export" "$work/cut")"
is "... with a sentence" yes "$(says err 'ends in the middle')"
is "... and nothing is left" no "$([ -e "$work/cut" ] && echo yes || echo no)"

# --- stopping ---------------------------------------------------------------------------------------------------------
"$bin" --office "$office" verify --deep >"$work/out" 2>"$work/err" &
pid=$!
for _ in $(seq 1000); do
    [ -z "$(find "$office/state" -name 'deep-*' 2>/dev/null)" ] || break
    kill -0 $pid 2>/dev/null || break
    sleep 0.002
done
kill -TERM $pid 2>/dev/null || :
stopped=0
wait $pid || stopped=$?
is "a stopped check ends with status 1 (or had just ended)" yes "$([ $stopped -eq 1 ] || [ $stopped -eq 0 ] && echo yes || echo $stopped)"
is "... and leaves no folder" "" "$(find "$office/state" -name 'deep-*')"
"$bin" --office "$office" verify --deep >/dev/null 2>&1 &
pid=$!
for _ in $(seq 1000); do
    [ -z "$(find "$office/state" -name 'deep-*' 2>/dev/null)" ] || break
    kill -0 $pid 2>/dev/null || break
    sleep 0.002
done
kill -KILL $pid 2>/dev/null || :
wait $pid 2>/dev/null || :
is "what a killed check left goes with the next" 0 "$(status a verify --deep)"
is "... all of it" "" "$(find "$office/state" -name 'deep-*')"

# --- writers at the same time -----------------------------------------------------------------------------------------
(for i in $(seq 30); do a customer add --name "Durante $i" >/dev/null || exit 1; done) &
writer=$!
checks=0
while kill -0 $writer 2>/dev/null; do
    a verify --deep >/dev/null 2>"$work/err" || { cat "$work/err"; break; }
    checks=$((checks + 1))
done
writes=0
wait $writer || writes=$?
is "writers and checks do not disturb each other" "0 yes" "$writes $([ $checks -gt 0 ] && echo yes)"
is "all that was written holds" 0 "$(status a verify --deep)"
tap_end

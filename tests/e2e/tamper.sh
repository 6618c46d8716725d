#!/usr/bin/env bash
# Hands at the database behind the program's back: each edit is found by the built program, and named by the check that should
# name it. tests/unit/test_tamper.c walks every table and column; here an office with a year of readings and bills is edited.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0 bad=0

office=$work/office demo=$top/data/demo
# shellcheck source=data/demo/office.sh
. "$demo/office.sh"
export AFORO_LANG=en
demo_office "$work/pw" >/dev/null
a --date 2017-03-01 import readings "$demo/readings.csv.gz" --mapping demo-readings >/dev/null
marta --date 2016-05-01 bill run --from 2016-04-01 --to 2016-05-01 >/dev/null
a verify --deep >/dev/null

# found CHECK WORDS SQL: the edit is made on a copy; --deep ends with 3, the first fault is of CHECK and its sentence has WORDS.
found()
{
    local copy=$work/copy status=0 check words
    rm -rf "$copy"
    cp -r "$office" "$copy"
    sqlite3 "$copy/office.db" "PRAGMA ignore_check_constraints=ON; $3"
    "$bin" --office "$copy" --quiet --json verify --deep >"$work/out" 2>/dev/null </dev/null || status=$?
    check=$(jq -r '.faults[0].check' "$work/out")
    words=$(jq -r '.faults[0].message' "$work/out")
    n=$((n + 1))
    if [ $status -eq 3 ] && [ "$check" = "$1" ] && [[ $words == *"$2"* ]]; then
        echo "ok $n - $1: $words"
    else
        bad=$((bad + 1))
        echo "not ok $n - $3: status $status, $check: $words"
    fi
}

entry=$(sqlite3 "$office/office.db" "SELECT seq FROM history WHERE kind = 'readings.batch' LIMIT 1")
found leaf "entry 12 was changed" "UPDATE entry SET sig = (SELECT sig FROM entry WHERE seq = 13) WHERE seq = 12"
found leaf "entry 12 was changed" "UPDATE entry SET keyid = (SELECT max(keyid) FROM key WHERE owner = 'user:2') WHERE seq = 12"
found payload "entry 12 cannot be read" "UPDATE entry SET payload = '{}' WHERE seq = 12"
found sequence "entry 12 is missing" "PRAGMA foreign_keys=OFF; DELETE FROM history WHERE seq = 12; DELETE FROM entry WHERE seq = 12"
found item "of entry $entry" "UPDATE item SET leaves = zeroblob(length(leaves)) WHERE seq = $entry AND bundle = 1"
found items "entry $entry has" "DELETE FROM item WHERE seq = $entry AND bundle = (SELECT max(bundle) FROM item WHERE seq = $entry)"
found extra_items "entry 12" "INSERT INTO item SELECT 12, bundle, count, root, leaves, data FROM item WHERE seq = $entry AND bundle = 0"
found rows "table reading, row id=500: value is" "UPDATE reading SET value = value - 1 WHERE id = 500"
found rows "table reading: the row id=500 is missing" "DELETE FROM reading WHERE id = 500"
found rows "table bill, row id=3: total is 0" "UPDATE bill SET total = 0 WHERE id = 3"
found rows "table user_role: no entry of the ledger made the row" "INSERT INTO user_role VALUES(2, 'administrator')"
found rows "table role_grant" "INSERT INTO role_grant VALUES('operator', 'bill run')"
found rows "table key" "UPDATE key SET spki = (SELECT spki FROM key WHERE owner = 'user:2') WHERE owner = 'user:1'"
found commitment "table personal: a value was changed" "UPDATE personal SET value = value || '.' WHERE value LIKE '%Ficticio%'"
found missing_value "table personal: the value of customer.name that the ledger commits to is missing" "DELETE FROM personal WHERE value LIKE '%Ficticio%'"
found missing_value "table sealed: the value of user.secret that the ledger commits to is missing" "DELETE FROM sealed"
found schema "the trigger skim does not belong" \
    "CREATE TRIGGER skim AFTER INSERT ON bill BEGIN UPDATE bill SET total = total - 1 WHERE id = new.id; END"
found checkpoint "signature lines that the office did not write" \
    "UPDATE checkpoint SET note = note || char(8212) || ' evil.example AAAAAAAAAAAA' || char(10) WHERE id = 1"
found schema "the view v does not belong" "CREATE VIEW v AS SELECT * FROM personal"
found schema "the index reading_held is missing" "DROP INDEX reading_held"

# Files under keys/: verify opens no key (an auditor's copy has none), `key test` opens all. keys_found WORDS COMMAND...
keys_found()
{
    local copy=$work/copy status=0 words=$1
    shift
    rm -rf "$copy"
    cp -r "$office" "$copy"
    (cd "$copy/keys" && "$@")
    "$bin" --office "$copy" key test >"$work/out" 2>&1 </dev/null || status=$?
    n=$((n + 1))
    if [ $status -ne 0 ] && grep -q -e "$words" "$work/out" && grep -q "under keys/ " "$work/out"; then
        echo "ok $n - keys/: $*"
    else
        bad=$((bad + 1))
        echo "not ok $n - keys/, $*: status $status, $(cat "$work/out")"
    fi
}
byte_change() # FILE OFFSET
{
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf '%b' "\\0$(printf %03o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
a key test >"$work/out" || bad=$((bad + 1))
for file in "$office"/keys/*; do
    name=$(basename "$file") size=$(stat -c %s "$file")
    for at in 0 $((size / 2)) $((size - 4)); do
        keys_found . byte_change "$name" "$at"
    done
    keys_found . rm "$name"
done
entry_key=$(basename "$office"/keys/entry-*) log_key=$(basename "$office"/keys/log-*) document_key=$(basename "$office"/keys/document-*)
keys_found "$log_key: " cp "$document_key" "$log_key"
keys_found "entry-0123456789abcdef.key: no key on record" cp "$entry_key" entry-0123456789abcdef.key
echo "1..$n"
exit $((bad > 0))

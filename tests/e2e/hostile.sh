#!/usr/bin/env bash
# Files from anybody: each fault is one clear sentence with line and reason, nothing is half done, and the good rows of the same
# file are stored.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$work/office" --lang en --quiet "$@"; }
a init --code HOST --name "Oficina" --currency EUR --zone Europe/Madrid --locale es_ES --login ana --person "Ana" \
    --password-file "$work/pw" >/dev/null
a login --user ana --password-file "$work/pw" >/dev/null
a --date 2016-01-01 tariff publish "$top/data/tariffs/demo-water.json" >/dev/null
a meter add W1 --kind water --unit m3 --digits 5 --decimals 3 --installed 2016-01-01 --account C1 --customer "Cliente" \
    --tariff demo-water --initial 0 >/dev/null
cat >"$work/map.json" <<'J'
{"kind": "readings", "separator": ",", "heading_lines": 1, "columns": {"serial": "meter", "time": "time", "value": "litres"},
 "time_format": "%Y-%m-%d %H:%M", "unit": "l", "as_of": "newest"}
J
a mapping save m "$work/map.json" >/dev/null
rows() { sqlite3 "$work/office/office.db" "SELECT count(*) FROM reading WHERE source = 'import'"; }

# A file in which each bad row has a good neighbour.
{
    printf '\xef\xbb\xbfmeter,time,litres\r\n'
    printf 'W1,2016-02-01 08:00,100\r\n'
    printf 'W1,2016-02-30 08:00,110\r\n'          # a date that does not exist
    printf 'W1,2016-03-27 02:30,120\r\n'          # an hour that the clocks skipped
    printf 'W1,2016-04-01 08:00,999999999999\r\n' # beyond the dial
    printf 'NOBODY,2016-04-02 08:00,130\r\n'      # an unknown meter
    printf 'W1,2016-04-03 08:00,-5\r\n'           # negative
    printf 'W1,2016-04-04 08:00,=1+1\r\n'         # a formula
    printf 'W1,2016-04-05 08:00,1\x1b[2J3\r\n'    # a terminal escape
    printf 'W1,2016-04-06 08:00,1\x00 4\r\n'      # a NUL
    printf 'W\xff,2016-04-07 08:00,150\r\n'       # no UTF-8
    printf 'W1,2016-04-08 08:00\r\n'              # a field too few
    printf 'W1,"2016-04-09 08:00"x,160\r\n'       # a broken quote
    head -c 10000000 /dev/zero | tr '\0' 9        # a line of 10 MB
    printf '\r\nW1,2016-05-01 08:00,200\r\n'
} >"$work/hostile.csv"
a import readings "$work/hostile.csv" --mapping m --report "$work/list.csv" >"$work/out.txt" 2>"$work/err.txt" && rc=0 || rc=$?
is "the good rows are stored" 2 "$(rows)"
is "and the status says that rows were refused" 1 "$((rc != 0))"
is "every refused row is listed with its line" 12 "$(grep -c refused "$work/list.csv")"
for line in 3 4 5 6 7 8 9 10 11 12 13 14; do
    is "line $line is named" 1 "$(grep -cE "^$line," "$work/list.csv")"
done
is "no raw control byte in what is printed" 0 "$(cat "$work/out.txt" "$work/err.txt" "$work/list.csv" | tr -d '\n\r\t' | LC_ALL=C grep -c '[[:cntrl:]]' || true)"

# Files that cannot be read at all change nothing.
before=$(height)
refused_file() # what, file
{
    n=$((n + 1))
    if a import readings "$2" --mapping m >/dev/null 2>"$work/err.txt"; then
        bad=$((bad + 1))
        echo "not ok $n - $1 is refused"
    elif [ "$(wc -l <"$work/err.txt")" -eq 1 ] && grep -q "$(basename "$2")" "$work/err.txt"; then
        echo "ok $n - $1 is refused in one sentence that names the file"
    else
        bad=$((bad + 1))
        echo "not ok $n - $1: $(cat "$work/err.txt")"
    fi
}
gzip -c "$work/hostile.csv" | head -c 2000 >"$work/cut.csv.gz"
: >"$work/empty.csv"
printf 'a,b,c\n1,2,3\n' >"$work/other.csv"
refused_file "a cut gzip file" "$work/cut.csv.gz"
refused_file "an empty file" "$work/empty.csv"
refused_file "a file with other headings" "$work/other.csv"
refused_file "a file that is not there" "$work/nowhere.csv"
is "nothing was recorded for them" "$before" "$(height)"

# The database of a newer program, and one that is none of ours.
cp -a "$work/office" "$work/newer"
sqlite3 "$work/newer/office.db" 'PRAGMA user_version = 99'
is "a newer schema is named" 1 "$("$bin" --office "$work/newer" --lang en list meters 2>&1 | grep -c 'newer Aforo (schema 99')"
mkdir "$work/foreign"
sqlite3 "$work/foreign/office.db" 'CREATE TABLE t(x)'
is "another program's database is named" 1 "$("$bin" --office "$work/foreign" --lang en list meters 2>&1 | grep -c 'another program')"

# Two programs writing at the same time: both succeed.
: >"$work/failed"
for i in $(seq 1 15); do a customer add --name "Uno $i" >/dev/null || echo "failed" >>"$work/failed"; done &
for i in $(seq 1 15); do a customer add --name "Dos $i" >/dev/null || echo "failed" >>"$work/failed"; done
wait
is "two writers at once both succeed" "0 31" "$(wc -l <"$work/failed") $(sqlite3 "$work/office/office.db" 'SELECT count(*) FROM customer')"
is "the ledger verifies" 0 "$(a verify --deep >/dev/null && echo 0)"
tap_end

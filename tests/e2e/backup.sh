#!/usr/bin/env bash
# Backup and restore: opened with age and tar alone, damaged in every way, killed, the disk full, erasures applied again.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

status() { local s=0; "$@" >"$work/out" 2>"$work/err" || s=$?; echo $s; }
says() { if grep -q -e "$2" "$work/$1"; then echo yes; else cat "$work/$1"; fi; }

export AFORO_LANG=en
office=$work/office demo=$top/data/demo
# shellcheck source=data/demo/office.sh
. "$demo/office.sh"
demo_office "$work/pw" >/dev/null
db=$office/office.db
echo frase-de-la-copia >"$work/pass"
restore() { "$bin" --quiet restore "$@" --passphrase-file "$work/pass"; }
backup() { a backup "$@" --passphrase-file "$work/pass"; }

# --- there and back -----------------------------------------------------------------------------------------------------
is "backup" 0 "$(status backup "$work/one.age")"
is "... verified and read back" yes "$(says out 'verified and read back')"
is "... for its owner only" 600 "$(stat -c %a "$work/one.age")"
is "... holds no name in clear" 0 "$(grep -c -a -e Ficticio -e Inventada "$work/one.age" || :)"
is "... leaves no copy" "" "$(find "$office/state" -name 'deep-*')"
is "not over a file" 1 "$(status backup "$work/one.age")"
is "an operator may not" 4 "$(status olga backup "$work/x.age" --passphrase-file "$work/pass")"
is "restore" 0 "$(status restore "$work/one.age" "$work/again")"
is "... the same ledger" "$(sqlite3 "$db" 'SELECT hex(leaf) FROM entry ORDER BY seq')" \
    "$(sqlite3 "$work/again/office.db" 'SELECT hex(leaf) FROM entry ORDER BY seq')"
is "... verify --deep" 0 "$(status "$bin" --office "$work/again" verify --deep)"
is "... people log in" 0 "$(status "$bin" --office "$work/again" --quiet login --user ana --password-file "$work/pw")"
is "... and go on" 0 "$(status "$bin" --office "$work/again" --quiet customer add --name Nueva)"
is "never over an office" 1 "$(status restore "$work/one.age" "$work/again")"
is "... says so" yes "$(says err 'restored into a new folder')"

# --- while others write -------------------------------------------------------------------------------------------------
(for _ in $(seq 6); do a customer add --name "Otra" >/dev/null; done) &
writer=$!
is "backup under writers" 0 "$(status backup "$work/busy.age")"
wait "$writer"
is "... holds" 0 "$(status restore "$work/busy.age" "$work/busy")"

# --- damage -------------------------------------------------------------------------------------------------------------
echo otra-frase-cualquiera >"$work/wrong"
is "a wrong passphrase" 4 "$(status "$bin" --quiet restore "$work/one.age" "$work/no" --passphrase-file "$work/wrong")"
is "... says so" yes "$(says err 'passphrase does not open')"
size=$(stat -c %s "$work/one.age")
for at in 0 60 200 $((size / 2)) $((size - 1)); do
    cp "$work/one.age" "$work/flip.age"
    byte=$(od -An -tu1 -j "$at" -N 1 "$work/flip.age")
    printf '%b' "\\0$(printf %03o $((byte ^ 1)))" | dd of="$work/flip.age" bs=1 seek="$at" conv=notrunc status=none
    is "a changed bit at $at of $size" no "$([ "$(status restore "$work/flip.age" "$work/no")" = 0 ] || echo no)"
done
for len in 0 150 5000 $((size / 2)) $((size - 1)); do
    head -c "$len" "$work/one.age" >"$work/cut.age"
    is "cut at $len" no "$([ "$(status restore "$work/cut.age" "$work/no")" = 0 ] || echo no)"
done
cp "$db" "$work/other.age"
is "another program's file" yes "$(status restore "$work/other.age" "$work/no" >/dev/null; says err 'no age-encrypted file')"
is "... no folder looks like an office" 1 "$(test -e "$work/no" && echo 0 || echo 1)"

# --- killed, and a disk that is full ------------------------------------------------------------------------------------
for ms in 02 06 15; do
    rm -f "$work"/kill.age*
    "$bin" --office "$office" --quiet backup "$work/kill.age" --passphrase-file "$work/pass" >/dev/null 2>&1 &
    victim=$!
    sleep "0.$ms"
    kill -KILL "$victim" 2>/dev/null || :
    wait "$victim" 2>/dev/null || :
    is "killed after 0.$ms s: whole or not there" yes \
        "$(if [ ! -e "$work/kill.age" ] || restore "$work/kill.age" "$work/k.$ms" >/dev/null; then echo yes; fi)"
done
is "... the next backup works and removes what was left" 0 "$(status backup "$work/after.age")"
is "... no folder of them" "" "$(find "$office/state" -name 'deep-*')"
(ulimit -f 64; status backup "$work/full.age" >"$work/full.status")
is "no room: refused" 1 "$(($(cat "$work/full.status") != 0))"
is "... and no file" "" "$(find "$work" -name 'full.age*')"

# --- a folder that keeps the newest -------------------------------------------------------------------------------------
mkdir "$work/copies"
touch "$work/copies/ALC01-20200101T000000Z.tar.age" "$work/copies/ALC01-20200102T000000Z.tar.age" "$work/copies/other"
is "backup into a folder" 0 "$(status backup "$work/copies" --keep 2)"
is "... the newest two stay, and what is not ours" "ALC01-20200102T000000Z.tar.age other" \
    "$(find "$work/copies" -type f -printf '%f\n' | sort | grep -v "ALC01-2*$(date -u +%Y)" | tr '\n' ' ' | sed 's/ $//')"

# --- erased since -------------------------------------------------------------------------------------------------------
a --yes personal erase --customer 1 --reason derecho --force >/dev/null
name=$(sqlite3 "$work/again/office.db" "SELECT value FROM personal WHERE owner = 'customer' AND id = 1 AND field = 'name'")
is "an old backup with the list of erasures" 0 "$(status restore "$work/one.age" "$work/erased" --erasures "$office/state/erasures")"
is "... erases again" yes "$(says out '[1-9][0-9]* values erased again')"
is "... to the last byte" 0 "$(grep -rlaF -e "$name" "$work/erased" | wc -l)"
is "... verify --deep" 0 "$(status "$bin" --office "$work/erased" verify --deep)"
is "a new backup carries the list" 0 "$(backup "$work/two.age" >/dev/null; status restore "$work/two.age" "$work/two")"
is "... and no byte of it" 0 "$(grep -rlaF -e "$name" "$work/two" | wc -l)"

# --- without us ---------------------------------------------------------------------------------------------------------
if command -v age >/dev/null; then
    age-keygen -o "$work/identity" 2>"$work/recipient"
    to=$(sed -n 's/^Public key: //p' "$work/recipient")
    is "backup to a public key" 0 "$(status a backup "$work/key.age" --recipient "$to")"
    mkdir "$work/plain"
    is "age and tar open it" 0 "$(age -d -i "$work/identity" "$work/key.age" | tar -x -C "$work/plain" && echo 0)"
    is "... sha256sum agrees" 0 "$(cd "$work/plain" && status sha256sum -c SHA256SUMS)"
    is "... sqlite3 reads it" ok "$(sqlite3 "$work/plain/office.db" 'PRAGMA integrity_check')"
    is "restore with the identity" 0 "$(status "$bin" --quiet restore "$work/key.age" "$work/byid" --identity "$work/identity")"
    age-keygen -o "$work/stranger" 2>/dev/null
    is "another identity does not open it" 4 "$(status "$bin" --quiet restore "$work/key.age" "$work/no" --identity "$work/stranger")"
    last=q
    [ "${to: -1}" != q ] || last=p
    is "no recipient" 1 "$(status a backup "$work/bad.age" --recipient "${to%?}$last")"
else
    echo "# age is not installed: its half was left out"
fi
tap_end

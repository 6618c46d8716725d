#!/usr/bin/env bash
# The database under an open form, in a real terminal: changed by a second program, locked by sqlite3, moved away and back, not to be
# written. The form says what is the matter, keeps what was typed, and the same key tries again.
set -euo pipefail
bin=$(realpath "${AFORO_BIN:?}") top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=../lib/tour.sh
. "$top/tests/lib/tour.sh"
command -v sqlite3 >/dev/null || { echo "1..0 # SKIP sqlite3 is not installed"; exit 77; }
work=$(mktemp -d)
trap 't kill-server 2>/dev/null || true; [ -z "${lock:-}" ] || kill "$lock" 2>/dev/null || true; rm -rf "$work"' EXIT
ulimit -c 0

echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$work/office" --lang en --quiet --yes "$@" >/dev/null; }
a init --code ROB --name "Oficina" --currency USD --zone America/Costa_Rica --locale es_CR --login ana --person "Ana" \
    --password-file "$work/pw"
a login --user ana --password-file "$work/pw"
a user add luis --person "Luis" --roles administrator --password-file "$work/pw"
a --session "$work/luis" login --user luis --password-file "$work/pw"
for i in 1 2; do a meter add "W-000$i" --kind water --unit m3 --installed 2026-01-01 --initial 100; done
console="env LC_ALL=C.UTF-8 AFORO_LANG=es '$bin' --office '$work/office' console"
limits() { sqlite3 "$work/office/office.db" "SELECT count(*) FROM usage_limit WHERE value = $1"; }
# recorded WHAT VALUE COUNT: so many limits of that value are there before the deadline, and the form is left
recorded()
{
    local end=$((SECONDS + tour_seconds))
    while [ $SECONDS -lt $end ] && [ "$(limits "$2")" != "$3" ]; do sleep 0.05; done
    holds "$1" [ "$(limits "$2")" = "$3" ]
    sees "$1: the list is back" "W-0002 "
}
# form VALUE: the form of a limit, filled and not sent
form()
{
    keys :
    sees "the palette opens" "Enter Ejecutar"
    keys "limit set" Enter
    sees "the form opens" "limit set"
    keys W-0001 Tab "$1"
}

tour_start 100 30 "$console"
sees "asked who is there" "Contraseña"
keys ana Tab clave-de-prueba Enter
sees "in" "W-0002"

# --- changed by another program ---
form 55
a --session "$work/luis" limit set W-0002 66
a --session "$work/luis" limit set W-0001 66
sees "the form says who changed the same meter" "W-0001: lo cambió entretanto luis, .*límite fijado"
sees "and keeps what was typed" "55"
keys Enter
recorded "it is recorded all the same" 55000 1

# --- locked by another program ---
form 57
mkfifo "$work/sql"
sqlite3 "$work/office/office.db" <"$work/sql" >"$work/locked" &
lock=$!
exec 7>"$work/sql"
echo "BEGIN IMMEDIATE; SELECT 'locked';" >&7
for i in $(seq 100); do [ -s "$work/locked" ] && break; sleep 0.05; done
keys Enter
sees "a locked database is waited for" "Trabajando"
holds "nothing is recorded under the lock" [ "$(limits 57000)" = 0 ]
exec 7>&-
wait "$lock"
lock=
recorded "as soon as the lock is gone it is recorded" 57000 1

# --- moved away, and back ---
form 58
mv "$work/office/office.db" "$work/office/elsewhere.db"
keys Enter
sees "a database that was moved takes nothing, and that is said" "se movió o se borró"
sees "what was typed is there" "58"
mv "$work/office/elsewhere.db" "$work/office/office.db"
keys Enter
recorded "the same key records it when it is back" 58000 1
keys F10
sees "left" "left with 0"
a verify --deep
holds "the ledger verifies" true

# --- not to be written ---
# Root writes whatever the mode says, unless it gives that right away.
bound=
if [ "$(id -u)" = 0 ]; then
    bound="setpriv --bounding-set=-dac_override"
fi
chmod 755 "$work/office"
refused=0
chmod 444 "$work/office/office.db"
chmod 555 "$work/office"
$bound "$bin" --office "$work/office" --lang en console >"$work/out" 2>&1 </dev/null || refused=$?
holds "a database that may not be written fails at the start" [ "$refused" -ne 0 ]
holds "and is named, with the way out" grep -qE "office.db is read-only; check the permissions" "$work/out"
chmod 755 "$work/office"
tour_end

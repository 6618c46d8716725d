#!/usr/bin/env bash
# An office behind what it published: restored from an old backup, or its database copied back. It says so on every command and
# signs nothing, not even the erasures that are to be applied again, until an administrator resolves it. Erasures that were cut off.
set -euo pipefail
bin=${AFORO_BIN:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh"

status() { local s=0; "$@" >"$work/out" 2>"$work/err" || s=$?; echo $s; }
says() { if grep -q -e "$2" "$work/$1"; then echo yes; else cat "$work/$1"; fi; }

export AFORO_LANG=en
office=$work/office
echo clave-de-prueba >"$work/pw"
echo frase-de-la-copia >"$work/pass"
a() { "$bin" --office "$office" --quiet "$@"; }
in_office() { local dir=$1; shift; "$bin" --office "$work/$dir" --quiet "$@"; }
restore() { "$bin" --quiet restore "$@" --passphrase-file "$work/pass"; }
head_of() { sqlite3 "$work/$1/office.db" 'SELECT max(seq) FROM entry'; }
bytes() { grep -rlaF -e "$2" "$work/$1" | wc -l; } # files that hold it
login() { in_office "$1" login --user ana --password-file "$work/pw"; }
a init --code ROLL --name "Oficina" --currency EUR --zone Europe/Madrid --locale es_ES --login ana --person "Ana Jefa" \
    --password-file "$work/pw" >/dev/null
login office >/dev/null
a user add olga --person "Olga" --roles operator --password-file "$work/pw" >/dev/null
for who in "Zacarias Borrable" "Celia Conservada" "Tomas Tercero"; do a customer add --name "$who" >/dev/null; done
printf 'papel de Zacarias\n' >"$work/papel.txt"
a attach "$work/papel.txt" --customer 1 >/dev/null
a checkpoint sign >/dev/null
mkdir "$work/copies"
a backup "$work/copies" --passphrase-file "$work/pass" >/dev/null
old=$(find "$work/copies" -name '*.age')
cp "$office/office.db" "$work/old.db"

# --- the newest backup needs no ceremony --------------------------------------------------------------------------------
cp "$office/state/high-water" "$work/then"
is "the newest backup, held to what was published" 0 "$(status restore "$old" "$work/newest" --against "$work/then")"
is "... without a word" "" "$(cat "$work/err")"
login newest >/dev/null
is "... goes on at once" 0 "$(status in_office newest customer add --name Nueva)"
is "... verify --deep" 0 "$(status in_office newest verify --deep)"
is "... and knows what it published" 0 "$(status restore "$old" "$work/knows")"
is "... without being told" yes "$(test -s "$work/knows/state/high-water" && echo yes)"

# --- go on, erase, publish ----------------------------------------------------------------------------------------------
is "one attachment alone is erased" 0 "$(status a --yes personal erase --attachment 1 --reason papel)"
is "... its bytes too" 0 "$(bytes office 'papel de Zacarias')"
is "... not twice" yes "$(status a --yes personal erase --attachment 1 --reason papel >/dev/null; says err 'was erased before')"
is "... nor one that is not there" 1 "$(status a --yes personal erase --attachment 9 --reason papel)"
is "one or the other is named" 2 "$(status a --yes personal erase --reason papel)"
is "a customer is erased" 0 "$(status a --yes personal erase --customer 1 --reason derecho)"
is "... and the backup that holds it is named" yes "$(says out "$(basename "$old"), entries 1 to")"
is "... nothing is left to do" yes "$(a personal purge --status >"$work/out"; says out 'no byte of an erased value is left')"
is "an erasure is published" "$(head_of office)" "$(sqlite3 "$office/office.db" 'SELECT max(size) FROM checkpoint')"
a verify >/dev/null
sqlite3 "$office/office.db" 'SELECT note FROM checkpoint ORDER BY id DESC LIMIT 1' | sed '$d' >"$work/published"
newest=$(head_of office)

# --- the old backup, with what the lost office knew ---------------------------------------------------------------------
behind() # FOLDER: every command says so, and nothing is signed
{
    local dir=$1 before
    before=$(head_of "$dir")
    is "$dir: login says so" yes "$(login "$dir" >"$work/out" 2>"$work/err" || :; says err "checkpoint of $newest entries has been published")"
    is "$dir: a list says so" yes "$(status in_office "$dir" list accounts >/dev/null; says err "was rolled back")"
    is "$dir: a command is refused" 1 "$(status in_office "$dir" customer add --name No)"
    is "$dir: ... names the way out" yes "$(says err 'aforo checkpoint resolve --reason')"
    is "$dir: no checkpoint is signed" 1 "$(status in_office "$dir" checkpoint sign)"
    is "$dir: no backup is made of it" 1 "$(status in_office "$dir" backup "$work/no.age" --passphrase-file "$work/pass")"
    status in_office "$dir" login --user ana --password-file "$work/pass" >/dev/null # a failed login is an entry at other times
    in_office "$dir" --session "$work/session.olga" login --user olga --password-file "$work/pw" >/dev/null 2>&1
    is "$dir: others may not resolve" 4 "$(status in_office "$dir" --yes --session "$work/session.olga" checkpoint resolve --reason x)"
    is "$dir: nothing was recorded" "$before" "$(head_of "$dir")"
    is "$dir: verify says so" 3 "$(status in_office "$dir" verify)"
    is "$dir: erasures wait" yes "$([ "$(bytes "$dir" "Zacarias Borrable")" -gt 0 ] && echo yes)"
}
resolved() # FOLDER
{
    local dir=$1
    is "$dir: an administrator resolves" 0 "$(status in_office "$dir" --yes checkpoint resolve --reason "disco perdido")"
    is "$dir: ... what was erased is erased again" yes "$(says out '[1-9] values that had been erased are erased again')"
    is "$dir: ... to the last byte" "0 0" "$(bytes "$dir" 'Zacarias Borrable') $(bytes "$dir" 'papel de Zacarias')"
    is "$dir: ... nothing waits" yes "$(in_office "$dir" personal purge --status >"$work/out"; says out 'no byte of an erased value is left')"
    is "$dir: it goes on" 0 "$(status in_office "$dir" customer add --name Siguiente)"
    is "$dir: verify --deep" 0 "$(status in_office "$dir" verify --deep)"
    is "$dir: who holds the lost checkpoint is told" yes \
        "$(status in_office "$dir" verify --against "$work/published" >/dev/null; cat "$work/err" >>"$work/out"; says out 'went on behind')"
}
is "the old backup, held to the old state" 0 \
    "$(status restore "$old" "$work/state" --erasures "$office/state/erasures" --against "$office/state/high-water")"
is "... says what waits" yes "$(says err 'values that had been erased are here again until then')"
behind state
is "... the status tells it" yes "$(in_office state personal purge --status >"$work/out" 2>/dev/null; says out 'wait until it is resolved')"
resolved state

# --- with nothing but a checkpoint that was published -------------------------------------------------------------------
is "held to a published checkpoint" 0 "$(status restore "$old" "$work/note" --erasures "$office/state/erasures" --against "$work/published")"
behind note
resolved note
sed 's/ROLL/OTHER/' "$work/published" >"$work/foreign"
is "another office's checkpoint is refused" yes "$(status restore "$old" "$work/no" --against "$work/foreign" >/dev/null; says err 'is a checkpoint of')"
sed "2s/.*/1/" "$work/published" >"$work/edited"
is "an edited one is refused" yes "$(status restore "$old" "$work/no" --against "$work/edited" >/dev/null; says err 'does not hold a checkpoint')"
is "what is none is refused" yes "$(status restore "$old" "$work/no" --against "$work/pw" >/dev/null; says err 'is neither')"
is "... and no office is made" no "$(test -e "$work/no" && echo yes || echo no)"

# --- the file copied back over a newer one --------------------------------------------------------------------------------
cp -r "$office" "$work/copied"
rm -f "$work"/copied/office.db-*
cp "$work/old.db" "$work/copied/office.db"
behind copied
resolved copied

# --- an erasure that is cut off -------------------------------------------------------------------------------------------
# Between its entry and the last byte: somebody reads, and the database cannot be written anew.
mkfifo "$work/reader"
sqlite3 "$office/office.db" <"$work/reader" >"$work/held" &
reader=$!
exec 3>"$work/reader"
echo "BEGIN; SELECT count(*) FROM personal;" >&3
for _ in $(seq 100); do [ -s "$work/held" ] && break || sleep 0.05; done
is "cut off between entry and last byte" 1 "$(status a --yes personal erase --customer 2 --reason derecho)"
is "... the status tells it" yes "$(a personal purge --status >"$work/out"; says out 'run: aforo personal purge')"
is "... other work goes on, and is told" yes "$(status a customer add --name Otro >/dev/null; says err 'an erasure is not finished')"
exec 3>&-
wait "$reader"
is "the next command finishes it" "0 " "$(status a customer add --name Otro) $(cat "$work/err")"
is "... to the last byte" 0 "$(bytes office 'Celia Conservada')"
for ms in 01 03 06 10; do # killed anywhere: the next command finishes what has an entry
    [ "$(sqlite3 "$office/office.db" "SELECT count(*) FROM personal WHERE owner = 'customer' AND id = 3 AND value IS NOT NULL")" -gt 0 ] || break
    "$bin" --office "$office" --quiet --yes personal erase --customer 3 --reason derecho >/dev/null 2>&1 &
    victim=$!
    sleep "0.$ms"
    kill -KILL "$victim" 2>/dev/null || :
    wait "$victim" 2>/dev/null || :
    a customer add --name Luego >/dev/null
    named=$(sqlite3 "$office/office.db" "SELECT count(*) FROM personal WHERE owner = 'customer' AND id = 3 AND value IS NOT NULL")
    is "killed after 0.$ms s: held whole, or gone to the last byte" yes "$([ "$named" -gt 0 ] || [ "$(bytes office 'Tomas Tercero')" = 0 ] && echo yes)"
    is "... nothing is left to do" yes "$(a personal purge --status >"$work/out"; says out 'no byte of an erased value is left')"
done
is "verify --deep" 0 "$(status a verify --deep)"
tap_end

#!/usr/bin/env bash
# Personal data: versions, who may read it, export, attachments, and erasure down to the last byte of every file.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

status() { local s=0; "$@" >"$work/out" 2>"$work/err" || s=$?; echo $s; }
says() { if grep -q -e "$2" "$work/$1"; then echo yes; else cat "$work/$1"; fi; }

export AFORO_LANG=en
office=$work/office
echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$office" --quiet "$@"; }
a init --code PERS --name "Oficina" --currency EUR --zone Europe/Madrid --locale es_ES --login ana --person "Ana Jefa" \
    --password-file "$work/pw" >/dev/null
a login --user ana --password-file "$work/pw" >/dev/null
a user add olga --person "Olga" --roles operator --password-file "$work/pw" >/dev/null
olga() { a --session "$work/session.olga" "$@"; }
olga login --user olga --password-file "$work/pw" >/dev/null
a user add aud --person "Audra Auditora" --roles auditor --password-file "$work/pw" >/dev/null
auditor() { a --session "$work/session.aud" "$@"; }
auditor login --user aud --password-file "$work/pw" >/dev/null
a --date 2016-01-01 tariff publish "$top/data/tariffs/demo-water.json" >/dev/null
for i in 1 2; do
    a meter add "W$i" --kind water --unit m3 --digits 5 --decimals 3 --installed 2016-01-01 --account "C$i" \
        --customer "Zacarias Borrable $i" --place "Calle Olvido $i" --tariff demo-water --initial 0 >/dev/null
done
olga reading add W1 --value 9 --note "perro llamado Olvidon" >/dev/null
a customer edit 1 --phone "600-111-222" --address "Plaza Recuerdo 7" >/dev/null
a customer edit 1 --phone "600-333-444" >/dev/null
db=$office/office.db

# --- versions ---------------------------------------------------------------------------------------------------------
is "an older version stays beside the new one" "600-111-222 600-333-444" \
    "$(sqlite3 "$db" "SELECT group_concat(value, ' ') FROM (SELECT value FROM personal WHERE owner = 'customer' AND id = 1
                      AND field = 'phone' ORDER BY value)")"
is "nothing personal stands in an entry" 0 \
    "$(sqlite3 "$db" "SELECT count(*) FROM entry WHERE payload LIKE '%Borrable%' OR payload LIKE '%600-%' OR payload LIKE '%lvid%'")"
is "verify --deep" 0 "$(status a verify --deep)"

# --- who may read -----------------------------------------------------------------------------------------------------
is "an administrator reads names" yes "$(a list meters >"$work/out"; says out 'Zacarias Borrable 1')"
is "an auditor does not" yes "$(auditor list meters >"$work/out"; says out '•••')"
is "... in no column" 0 "$(grep -c -e Borrable -e Olvido "$work/out" || :)"
is "... nor in a file" 0 "$(auditor report accounts --output "$work/x.csv" >/dev/null; grep -c Borrable "$work/x.csv" || :)"
is "... but knows who did what" yes "$(auditor history >"$work/out"; says out ana)"
is "somebody who is not logged in reads none" yes \
    "$("$bin" --office "$office" --session "$work/none" list meters >"$work/out"; says out '•••')"
is "an auditor exports none" 4 "$(status auditor personal export --customer 1 --output "$work/p.json")"
is "... and erases none" 4 "$(status auditor --yes personal erase --customer 1 --reason x)"

# --- attachments ------------------------------------------------------------------------------------------------------
printf '\xff\xd8\xff\xe0 photo of Olvidosa \xff\xd9' >"$work/photo.jpg"
printf '%%PDF-1.4\nrecuerdo\n%%%%EOF\n' >"$work/doc.pdf"
is "a photo" 0 "$(status a attach "$work/photo.jpg" --reading 3)"
is "... told by its content" yes "$(says out 'image/jpeg')"
is "a document of a customer" 0 "$(status a attach "$work/doc.pdf" --customer 1)"
is "exported: the same bytes" 0 "$(a attachment export 1 --output "$work/again.jpg" >/dev/null; status cmp "$work/photo.jpg" "$work/again.jpg")"
is "not over a file" 1 "$(status a attachment export 1 --output "$work/again.jpg")"
is "not by an auditor" 4 "$(status auditor attachment export 1 --output "$work/aud.jpg")"
head -c 12 "$work/photo.jpg" >"$work/cut.jpg"
is "a photo that was cut" yes "$(status a attach "$work/cut.jpg" --reading 3 >/dev/null; says err 'cut.jpg is no whole JPEG')"
printf 'MZ\x90\x00binary' >"$work/evil.jpg"
is "a program that calls itself a photo" 1 "$(status a attach "$work/evil.jpg" --reading 3)"
head -c $((5 * 1024 * 1024 + 1)) /dev/zero | tr '\0' x >"$work/big.txt"
is "a file beyond the limit" yes "$(status a attach "$work/big.txt" --reading 3 >/dev/null; says err 'larger than')"
is "of nothing" 2 "$(status a attach "$work/doc.pdf")"
is "of a reading that is not there" 1 "$(status a attach "$work/doc.pdf" --reading 999)"
is "verify --deep with attachments" 0 "$(status a verify --deep)"
cp -r "$office" "$work/tampered"
sqlite3 "$work/tampered/office.db" "UPDATE attachment_content SET value = CAST(value || X'00' AS BLOB) WHERE id = 1"
is "a changed attachment is found" 3 "$(status "$bin" --office "$work/tampered" verify --deep)"
is "... and named" yes "$(says err 'table attachment_content: a value was changed')"

# --- everything held of a person ----------------------------------------------------------------------------------------
is "personal export" 0 "$(status a personal export --customer 1 --output "$work/p.json")"
is "... is JSON with each value, older ones too" "600-111-222,600-333-444" \
    "$(jq -r '[.values[] | select(.field == "phone") | .value] | sort | join(",")' "$work/p.json")"
is "... place, note, attachment" "Calle Olvido 1|perro llamado Olvidon|doc.pdf" \
    "$(jq -r '[(.values[] | select(.field == "place") | .value), (.values[] | select(.field == "note") | .value),
               (.values[] | select(.value == "doc.pdf") | .value)] | join("|")' "$work/p.json")"
is "... the photo's bytes" "$(base64 -w0 "$work/photo.jpg")" "$(jq -r '.values[] | select(.base64 and .id == 1) | .base64' "$work/p.json")"
is "... entries that name them exist" 0 \
    "$(jq -r '.values[] | .commitment as $c | .entries[] | "\(.) \($c)"' "$work/p.json" | while read -r seq c; do
        sqlite3 "$db" "SELECT 1 FROM entry WHERE seq = $seq AND payload LIKE '%$c%'" | grep -q 1 || echo missing
    done | wc -l)"
is "... each value is named" 0 "$(jq '[.values[] | select(.entries | length == 0)] | length' "$work/p.json")"
is "... nobody else" 0 "$(grep -c 'Borrable 2' "$work/p.json" || :)"
is "... for its owner only" 600 "$(stat -c %a "$work/p.json")"

# --- erasure ------------------------------------------------------------------------------------------------------------
is "refused while an account is open" 1 "$(status a --yes personal erase --customer 1 --reason derecho)"
is "... says which and the way out" yes "$(says err 'account C1 is open.*--force')"
sqlite3 "$db" 'SELECT leaf FROM entry' >"$work/leaves"
bytes() { # files of the office that hold it
    grep -rlaE -e "$1" "$office" | wc -l
}
is "before: the bytes are there" 1 "$(($(bytes 'Zacarias Borrable 1') > 0))"
# A reader with an old snapshot keeps erased bytes in the log: the erasure says so, and is finished later.
mkfifo "$work/reader"
sqlite3 "$db" <"$work/reader" >"$work/held" &
reader=$!
exec 3>"$work/reader"
echo "BEGIN; SELECT count(*) FROM personal;" >&3
for _ in $(seq 100); do [ -s "$work/held" ] && break || sleep 0.05; done
is "with another reader: not finished" 1 "$(status timeout 60 "$bin" --office "$office" --quiet --yes personal erase --customer 1 --field phone --reason derecho --force)"
is "... says what to do" yes "$(says err 'aforo personal purge')"
exec 3>&-
wait "$reader"
is "... verify --deep holds meanwhile" 0 "$(status a verify --deep)"
is "purge" 0 "$(status a personal purge)"
is "... the telephone is gone" 0 "$(bytes '600-(111|333)')"
is "... nothing to do twice" yes "$(status a personal purge >/dev/null; says out 'nothing to do')"
is "everything" 0 "$(status a --yes personal erase --customer 1 --reason derecho --force)"
entry=$(sqlite3 "$db" "SELECT max(erased) FROM personal_past")
for what in 'Zacarias Borrable 1' 'Calle Olvido 1' 'Olvidon' 'Olvidosa' 'Plaza Recuerdo' 'doc.pdf' 'photo.jpg' 'recuerdo'; do
    is "no byte of \"$what\" in any file" 0 "$(bytes "$what")"
done
is "the other customer stays" 1 "$(($(bytes 'Zacarias Borrable 2') > 0))"
is "verify --deep passes" 0 "$(status a verify --deep)"
is "... and says by which entries" yes "$(says out "were erased by entry .*$entry")"
is "the chain is as it was" 0 "$(sqlite3 "$db" 'SELECT leaf FROM entry' | head -n "$(wc -l <"$work/leaves")" | cmp - "$work/leaves" >/dev/null && echo 0)"
is "reports say it" yes "$(a list accounts --account C1 >"$work/out"; says out "erased by entry $entry")"
is "an attachment says it" yes "$(status a attachment export 1 --output "$work/no.jpg" >/dev/null; says err "erased by entry $entry")"
is "the list outside the database names it" 1 "$(($(grep -c "^$entry customer 1 name " "$office/state/erasures") == 1))"
is "... and no value" 0 "$(grep -c -i -e borrable -e olvid "$office/state/erasures" || :)"
sqlite3 "$db" "UPDATE personal SET salt = zeroblob(32), value = 'back' WHERE owner = 'customer' AND id = 1 AND field = 'name'"
is "a value put back is found" 3 "$(status a verify --deep)"
tap_end

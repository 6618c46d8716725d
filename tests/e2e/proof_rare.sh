#!/usr/bin/env bash
# Proofs, by the program and by hand, of what is rare: a bill whose readings devices signed (JSON and OCMF), what a user signed after
# others approved a new key, and after the recovery key gave one; the PDF of a bill whose customer was erased.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

status() { local s=0; "$@" >"$work/out" 2>"$work/err" || s=$?; echo $s; }
says() { if grep -q -e "$2" "$work/$1"; then echo yes; else cat "$work/$1"; fi; }
a() { "$bin" --office "$work/office" --lang en --quiet --yes "$@"; }
as() { local who=$1; shift; a --session "$work/$who.session" "$@"; }

awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$top/docs/check-by-hand.md" >"$work/check.sh"
echo clave-de-prueba >"$work/pw"
echo otra-clave-larga >"$work/pw2"
from=$(date -d '40 days ago' +%F) until=$(date -d '8 days ago' +%F)
read_on=$(date -d "$(date -d '9 days ago' +%F) 15:00 UTC" +%s)
for k in one two other; do
    openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$work/$k.pem"
    openssl pkey -in "$work/$k.pem" -pubout -out "$work/$k.pub"
done
{
    a init --code RARA --name "Acueducto" --currency USD --zone America/Costa_Rica --locale es_CR --login ana --person "Ana" --password-file "$work/pw"
    a login --user ana --password-file "$work/pw"
    for u in olga pepe rita; do
        a user add $u --person "$u" --roles administrator --password-file "$work/pw"
        as $u login --user $u --password-file "$work/pw"
    done
    a tariff publish "$top/data/tariffs/doc07-water.json"
    for i in 1 2; do
        a meter add "AGUA-$i" --kind water --unit m3 --digits 5 --decimals 3 --account "12$i" --customer "Cliente Rosa $i" \
            --tariff doc07-water --max-rate 1000 --installed "$from" --initial 0 --limit 6000
    done
    a device add AKM-1 --key "$work/one.pub" --meter AGUA-1 --from "$from 00:00"
    a device add GW-2 --key "$work/two.pub" --meter AGUA-2 --from "$from 00:00"
} >"$work/made"
recovery=$(grep -oE '([0-9A-F]{4}-){16}[0-9A-F]{4}' "$work/made")

# --- bills whose readings devices signed
signed=$(printf '{"device_id":"AKM-1","nonce":1,"register":12.5,"timestamp":"%s","tipo_medida":"agua","unidad":"m3"}' \
    "$(date -u -d "@$read_on" +%Y-%m-%dT%H:%M:%SZ)")
{
    printf '%s,"signature":"%s"}\n' "${signed%\}}" "$(printf '%s' "$signed" | openssl dgst -sha256 -sign "$work/one.pem" | base64 -w0)"
    payload='{"FV":"1.0","GS":"GW-2","PG":"T1","RD":[{"TM":"'$(date -u -d "@$read_on" +%Y-%m-%dT%H:%M:%S)',000+0000 S","RV":7.25,"RI":"8-0:1.0.0","RU":"m3","ST":"G"}]}'
    printf 'OCMF|%s|{"SA":"ECDSA-secp256r1-SHA256","SD":"%s"}\n' "$payload" "$(printf '%s' "$payload" | openssl dgst -sha256 -sign "$work/two.pem" | xxd -p | tr -d '\n')"
} >"$work/packets"
is "two packets, JSON and OCMF" 0 "$(status a import packets "$work/packets")"
is "two bills" 0 "$(status a bill run --from "$from" --to "$until")"
a checkpoint sign >/dev/null
for i in 1 2; do
    is "a proof of bill $i" 0 "$(status a proof bill $i -o "$work/bill$i.json")"
    is "... holds" 0 "$(status "$bin" --lang en check "$work/bill$i.json")"
    is "... with the device's packet in it: only the first reading has none" 1 "$(jq -r '.missing[]' "$work/bill$i.json" | grep -c '^packet ')"
    is "... by hand too" 0 "$(status bash "$work/check.sh" "$work/bill$i.json")"
    # Step 6 is really done: by another key than the device's, and for another value than the packet's, it fails.
    sed "s|openssl pkey -pubin -inform DER -out \"\$work/device\"|{ cat >/dev/null; cat '$work/other.pub'; } >\"\$work/device\"|" "$work/check.sh" >"$work/key.sh"
    is "... refused under another device's key" 1 "$(status bash "$work/key.sh" "$work/bill$i.json")"
    is "... and says which reading" yes "$(says err 'the packet of reading')"
    # shellcheck disable=SC2016
    sed 's|--argjson value "$value"|--argjson value "$((value + 1))"|' "$work/check.sh" >"$work/value.sh"
    is "... refused for another value" 1 "$(status bash "$work/value.sh" "$work/bill$i.json")"
    is "... and says so" yes "$(says err 'value of the packet of reading')"
done

# --- a new key that others approved
is "a new key for olga is asked for" 0 "$(status as pepe user recover olga --reason "olvido" --password-file "$work/pw2")"
request=$(a --json list requests 2>/dev/null | jq -r 'select(.status == "open" or .state == "open") | .request // .id' | tail -1)
request=${request:-1}
is "one approves" 0 "$(status as rita request approve "$request")"
is "another approves" 0 "$(status a request approve "$request")"
is "olga is in with the new password" 0 "$(status as olga login --user olga --password-file "$work/pw2")"
is "and acts" 0 "$(status as olga customer add --name "Nueva")"
db=$work/office/office.db
entry=$(sqlite3 "$db" "SELECT max(seq) FROM entry WHERE payload LIKE '%customer.created%'")
set_at=$(sqlite3 "$db" "SELECT max(seq) FROM entry WHERE payload LIKE '%user.key_set%'")
a checkpoint sign >/dev/null
is "a proof of what she signed" 0 "$(status a proof entry "$entry" -o "$work/approved.json")"
is "... names the key that was set" "$set_at" "$(jq -r '.entries[].envelope | fromjson.payload' "$work/approved.json" |
    while read -r p; do base64 -d <<<"$p" | jq -r 'select(.kind == "user.key_set").seq'; done)"
is "... holds, by the program" 0 "$(status "$bin" --lang en check "$work/approved.json")"
is "... which says that the approvals are not in it" yes "$(says out "$set_at")"
is "... and by hand" 0 "$(status bash "$work/check.sh" "$work/approved.json")"
jq -cS '.missing = ["cosignatures"]' "$work/approved.json" >"$work/silent.json"
is "a file that keeps silent of them is refused" 3 "$(status "$bin" check "$work/silent.json")"
is "... by hand too" 1 "$(status bash "$work/check.sh" "$work/silent.json")"

# --- a new key by the recovery key
echo "$recovery" >"$work/paper"
is "pepe gets a key by the recovery key" 0 "$(status "$bin" --office "$work/office" --yes recover pepe --recovery-file "$work/paper" --password-file "$work/pw2")"
is "pepe is in" 0 "$(status as pepe login --user pepe --password-file "$work/pw2")"
is "and acts" 0 "$(status as pepe customer add --name "Otra")"
entry=$(sqlite3 "$db" "SELECT max(seq) FROM entry WHERE payload LIKE '%customer.created%'")
a checkpoint sign >/dev/null
is "a proof of what he signed" 0 "$(status a proof entry "$entry" -o "$work/recovered.json")"
is "... lacks no approval" '["cosignatures"]' "$(jq -c .missing "$work/recovered.json")"
is "... holds" 0 "$(status "$bin" check "$work/recovered.json")"
is "... and by hand" 0 "$(status bash "$work/check.sh" "$work/recovered.json")"
sed 's/aforo-recovery-v1/aforo-recovery-v2/' "$work/check.sh" >"$work/recovery.sh"
is "... where the recovery key's own signature is looked at" 1 "$(status bash "$work/recovery.sh" "$work/recovered.json")"
is "... and said not to hold" yes "$(says err 'no recovery key signed')"

# --- erased
a bill pdf 1 --output "$work/before.pdf" >/dev/null
is "the bill has the customer's name" yes "$(pdftotext "$work/before.pdf" "$work/out"; says out 'Cliente Rosa 1')"
is "the customer is erased" 0 "$(status a personal erase --customer 1 --reason "a pedido" --force)"
erased=$(sqlite3 "$db" "SELECT max(seq) FROM entry WHERE payload LIKE '%personal.erased%'")
is "the bill is printed again" 0 "$(status a bill pdf 1 --output "$work/after.pdf")"
pdftotext -layout "$work/after.pdf" "$work/text"
is "... with the entry that erased in the name's place" yes "$(says text "erased by entry $erased\|borrado por el asiento $erased")"
is "... and no name" 0 "$(grep -c 'Cliente Rosa' "$work/text")"
is "... its proof holds" 0 "$(status "$bin" check "$work/after.pdf")"
pdfdetach -save 1 -o "$work/attached.json" "$work/after.pdf"
is "... by hand too" 0 "$(status bash "$work/check.sh" "$work/attached.json")"
is "... and the amount is what it was" same "$(diff <(pdftotext -layout "$work/before.pdf" - | grep -iE 'total') <(grep -iE 'total' "$work/text") >/dev/null && echo same)"
is "verify --deep" 0 "$(status a verify --deep)"
tap_end

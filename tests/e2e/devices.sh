#!/usr/bin/env bash
# Packets of devices end to end: signed by the firmware's code and by the openssl command, imported from a file and from
# standard input, again, late, with a number used twice, after the device got another key or meter, with a revoked key, and
# with the import killed; each time verify --deep checks every signature.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(cd "$(dirname "$bin")" && pwd)
tool=$build/tests/lib/packet_tool
[ -x "$tool" ] || make -C "$build" tests/lib/packet_tool >/dev/null
demo=$top/data/demo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

has() # what, text, file
{
    n=$((n + 1))
    if grep -qF -- "$2" "$3"; then
        echo "ok $n - $1"
    else
        bad=$((bad + 1))
        echo "not ok $n - $1: no '$2' in:"
        sed 's/^/# /' "$3"
    fi
}

office=$work/office
# shellcheck source=data/demo/office.sh
. "$demo/office.sh"
demo_office "$work/pw" >/dev/null
mapfile -t serials < <(a list meters --format csv | tail -n +2 | cut -d, -f1)

new_key() # NAME CURVE
{
    openssl ecparam -name "$2" -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$work/$1.pem"
    openssl pkey -in "$work/$1.pem" -pubout -out "$work/$1.pub"
}
for k in one two three four; do new_key "$k" prime256v1; done
new_key koblitz secp256k1
new_key brainpool brainpoolP384r1

# take FILE: import it; the counts as "stored known refused".
take()
{
    a --json import packets "$1" 2>"$work/err" >"$work/out" || true
    grep '"read"' "$work/out" | sed 's/.*"stored":\([0-9]*\).*"known":\([0-9]*\).*"refused":\([0-9]*\),.*/\1 \2 \3/'
}
alerts() { a list alerts --format csv | grep -c ",packet_$1," || true; }
now=$(date +%s)
t0=$((now - 86400))

# --- the firmware's packets, from a file and from standard input
a device add AKM-0001 --key "$work/one.pub" --meter "${serials[0]}" >/dev/null
"$tool" "$work/one.pem" AKM-0001 water 1 10 "$t0" 900 100000 250 >"$work/a.jsonl"
is "packets of the firmware are stored" "10 0 0" "$(take "$work/a.jsonl")"
is "the same again is known" "0 10 0" "$(take "$work/a.jsonl")"
is "from standard input too" "0 10 0" "$(take - <"$work/a.jsonl")"
a list readings --format csv >"$work/readings"
has "they are automatic readings" "100.000,m3,accepted,automatic" "$work/readings"
has "of the cumulative register" "102.250,m3,accepted,automatic" "$work/readings"

# --- signed by hand: the canonical form without signature, openssl dgst, base64
sign_json() # KEY CANONICAL: the packet
{
    local sig
    sig=$(printf '%s' "$2" | openssl dgst -sha256 -sign "$work/$1.pem" | base64 -w0)
    printf '%s,"signature":"%s"}\n' "${2%\}}" "$sig"
}
stamp() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ; }
packet() # DEVICE NONCE TIME REGISTER DELTA: canonical
{
    printf '{"delta":%s,"device_id":"%s","nonce":%s,"register":%s,"timestamp":"%s","tipo_medida":"agua","unidad":"m3"}' \
        "$5" "$1" "$2" "$4" "$(stamp "$3")"
}
sign_json one "$(packet AKM-0001 11 $((t0 + 9000)) 102.5 0.25)" >"$work/hand.jsonl"
is "a packet signed by the openssl command is stored" "1 0 0" "$(take "$work/hand.jsonl")"

# --- a lost packet loses no energy; an interval that does not fit is held; a late packet comes into a later window
sign_json one "$(packet AKM-0001 14 $((t0 + 11700)) 103.25 0.25)" >"$work/gap.jsonl"
is "a packet behind a gap is stored" "1 0 0" "$(take "$work/gap.jsonl")"
sign_json one "$(packet AKM-0001 12 $((t0 + 9900)) 102.75 0.25)" >"$work/late.jsonl"
is "a late one too" "1 0 0" "$(take "$work/late.jsonl")"
has "and is accepted" '"held":0' "$work/out"
sign_json one "$(packet AKM-0001 15 $((t0 + 12600)) 104 0.25)" >"$work/delta.jsonl"
is "an interval that does not fit is stored" "1 0 0" "$(take "$work/delta.jsonl")"
has "but held" '"held":1' "$work/out"

# --- refusals, each with its line and an alert
{
    sed 's/"register":100.25/"register":100.26/' "$work/a.jsonl" | sed -n 2p
    echo '{"not":"a packet"}'
    sign_json one "$(packet AKM-0001 3 $((t0 + 1800)) 100.51 0.25)"
    sign_json two "$(packet AKM-0001 16 $((t0 + 13500)) 104.25 0.25)"
    sign_json one "$(packet AKM-9999 1 "$t0" 1 1)"
} >"$work/bad.jsonl"
is "bad packets are refused one by one" "0 0 5" "$(take "$work/bad.jsonl")"
has "changed contents" '"line":1,"device":"AKM-0001","reason":"signature"' "$work/out"
has "no packet" '"line":2,"device":"","reason":"bad_field"' "$work/out"
has "a number used twice" '"line":3,"device":"AKM-0001","reason":"nonce_reused"' "$work/out"
has "another's key" '"line":4,"device":"AKM-0001","reason":"signature"' "$work/out"
has "an unknown device" '"line":5,"device":"","reason":"unknown_device"' "$work/out"
is "a number used twice is an alert" 1 "$(alerts nonce_reused)"
is "so is a signature that does not hold" 1 "$(alerts signature)"

# --- a device swap: another key, then another meter; the numbers stay used
a device rotate AKM-0001 --key "$work/two.pub" >/dev/null
sign_json two "$(packet AKM-0001 4 $((t0 + 2700)) 100.76 0.25)" >"$work/swap.jsonl"
is "with a new key the numbers stay used" "0 0 1" "$(take "$work/swap.jsonl")"
has "and it is said why" '"reason":"nonce_reused"' "$work/out"
a device place AKM-0001 --meter "${serials[1]}" >/dev/null
sign_json two "$(packet AKM-0001 5 $((t0 + 3600)) 101.1 0.25)" >"$work/place.jsonl"
is "on another meter too" "0 0 1" "$(take "$work/place.jsonl")"
sign_json one "$(packet AKM-0001 17 $((t0 + 14400)) 104.5 0.25)" >"$work/old.jsonl"
is "the old key signs nothing more" "0 0 1" "$(take "$work/old.jsonl")"
is "one key never speaks for two devices" 1 \
    "$(a device add AKM-0002 --key "$work/one.pub" --meter "${serials[2]}" 2>&1 | grep -c 'llave es o fue\|key is or was')"
a device revoke AKM-0001 --reason robado --yes >/dev/null 2>&1 || a device revoke AKM-0001 --reason robado >/dev/null
sign_json two "$(packet AKM-0001 18 $((now - 60)) 104.5 0.25)" >"$work/revoked.jsonl"
is "a revoked key signs nothing" "0 0 1" "$(take "$work/revoked.jsonl")"
has "and it is said why" '"reason":"no_key"' "$work/out"

is "what is stored is known all the same, without an alert" "0 1 0 1" "$(take "$work/hand.jsonl") $(alerts no_key)"

# --- curves by policy; OCMF of another curve
a device add AKM-K --key "$work/koblitz.pub" --meter "${serials[2]}" >/dev/null
sign_json koblitz "$(packet AKM-K 1 "$t0" 50 0.25)" >"$work/k.jsonl"
is "secp256k1 only where the policy allows it" "0 0 1" "$(take "$work/k.jsonl")"
a device curves secp256r1,secp256k1 >/dev/null
is "and then it is taken" "1 0 0" "$(take "$work/k.jsonl")"
a device add GW-7 --key "$work/brainpool.pub" --meter "${serials[3]}" >/dev/null
payload='{"FV":"1.0","GS":"GW-7","PG":"T1","RD":[{"TM":"'$(date -u -d "@$t0" +%Y-%m-%dT%H:%M:%S)',000+0000 S","RV":7.50004,"RI":"8-0:1.0.0","RU":"m3","ST":"G"}]}'
sd=$(printf '%s' "$payload" | openssl dgst -sha256 -sign "$work/brainpool.pem" | od -An -v -tx1 | tr -d ' \n')
printf 'OCMF|%s|{"SA":"ECDSA-brainpool384r1-SHA256","SD":"%s"}\n' "$payload" "$sd" >"$work/o.ocmf"
is "an OCMF record is stored" "1 0 0" "$(take "$work/o.ocmf")"
a list readings --format csv >"$work/readings"
has "its value is a reading, as the register shows it" "7.500,m3,accepted,automatic" "$work/readings"
reading=$(awk -F, '/7.500,m3,accepted,automatic/ {print $1; exit}' "$work/readings")
a proof reading "$reading" -o "$work/o.proof" >/dev/null
"$bin" --lang en check "$work/o.proof" >"$work/proved" 2>&1 || true
has "what was signed beyond that is in its proof" "signed 7.50004" "$work/proved"

n=$((n + 1))
if a verify --deep >"$work/verify" 2>&1; then echo "ok $n - verify --deep holds"; else
    bad=$((bad + 1))
    echo "not ok $n - verify --deep"
    sed 's/^/# /' "$work/verify"
fi

# --- old windows sealed into a segment, dropped from the database, and taken back
status() { local rc=0; "$@" >"$work/out" 2>&1 || rc=$?; echo "$rc"; }
segments=$office/segments
cp -r "$office" "$work/before"
is "nothing is so old" 1 "$(status a segment seal --before 2020-01-01)"
is "windows are sealed" 0 "$(status a segment seal --before 2099-01-01)"
file=$(echo "$segments"/*.packets)
is "the entry says the file's hash" "$(sha256sum <"$file" | cut -d' ' -f1)" \
    "$(sqlite3 "$office/office.db" 'SELECT lower(hex(sha256)) FROM segment')"
is "it holds without any office" 0 "$(status "$bin" --quiet check "$file")"
is "and by the log's key" 0 "$(status "$bin" --quiet check "$file" --key "$(a key export "$(a key list | awk '$3 == "log" {print $1; exit}')" | tail -1)")"
# Killed between the file's name and the entry: the same file again, and no other.
mkdir "$work/before/segments"
cp "$file" "$work/before/segments/"
: >"$work/before/segments/ALC01-segment.part"
is "a seal that was cut off is done again" 0 "$(status "$bin" --office "$work/before" --quiet segment seal --before 2099-01-01)"
is "into the same file" "$(basename "$file")" "$(ls "$work/before/segments")"
is "its packets are dropped" 0 "$(status a --yes segment drop 1)"
is "... all of that segment" 0 "$(sqlite3 "$office/office.db" 'SELECT count(*) FROM item i JOIN history h ON h.seq = i.seq AND h.kind = '"'window.batch'"' WHERE i.data IS NOT NULL')"
is "verify --full holds without them" 0 "$(status a verify --full)"
has "and says so" "se quitaron y están en segmentos" "$work/out"
is "verify --deep takes them out of the file" 0 "$(status a verify --deep)"
echo frase-de-la-copia >"$work/pass"
is "a backup names the file that is not in it" "0 1" "$(status a backup "$work/copy.age" --passphrase-file "$work/pass") $(grep -cF "$(basename "$file")" "$work/out")"
is "a restore names the file that is missing" "0 1" \
    "$(status "$bin" --quiet restore "$work/copy.age" "$work/copy" --passphrase-file "$work/pass") $(grep -cF "$(basename "$file")" "$work/out")"
is "... and not where its folder is named" "0 0" "$(rm -r "$work/copy"
    status "$bin" --quiet restore "$work/copy.age" "$work/copy" --passphrase-file "$work/pass" --segments "$segments") $(grep -cF "$(basename "$file")" "$work/out")"
reading=$(sqlite3 "$office/office.db" "SELECT min(id) FROM reading WHERE source = 'automatic'")
is "so does a proof" 0 "$(status a proof reading "$reading" -o "$work/reading.json")"
is "which anybody can check" 0 "$(status "$bin" --quiet check "$work/reading.json")"
mv "$segments" "$work/archive"
is "without the file --deep calls nothing good" 1 "$(status a verify --deep)"
has "and names the entry and the file" "$(basename "$file")" "$work/out"
is "nor is a proof made" 1 "$(status a proof reading "$reading" -o "$work/none.json")"
is "with its folder named both are" "0 0" \
    "$(status a verify --deep --segments "$work/archive") $(status a proof reading "$reading" --segments "$work/archive" -o "$work/again.json")"
is "the proof is the same" "$(sha256sum <"$work/reading.json")" "$(sha256sum <"$work/again.json")"
is "the export is whole" 0 "$(status a export ledger "$work/export" --segments "$work/archive")"
is "and rebuilds" 0 "$(status "$bin" --quiet rebuild "$work/export" "$work/rebuilt")"
is "a packet sent again is known" "0 1 0" "$(take "$work/o.ocmf")"
is "another one of its number refused" "0 0 1" "$(take "$work/swap.jsonl")"
printf X | dd of="$work/archive/$(basename "$file")" bs=1 seek=5000 conv=notrunc status=none
is "a changed file is named" 3 "$(status a verify --deep --segments "$work/archive")"
is "and takes nothing back" 3 "$(status a segment restore 1 --segments "$work/archive")"
cp "$work/before/segments/"*.packets "$work/archive/"
is "its packets are taken back" 0 "$(status a segment restore 1 --segments "$work/archive")"
is "verify --deep holds without the file" 0 "$(status a verify --deep)"

# --- killed while it imports: what was durable stays, the rest comes with the next run, nothing twice
a device add AKM-0003 --key "$work/three.pub" --meter "${serials[4]}" >/dev/null
"$tool" "$work/three.pem" AKM-0003 water 1 40000 $((now - 4000000)) 90 1000 10 >"$work/many.jsonl"
lost=0 told=0
for delay in 0.15 0.4 0.9; do
    "$bin" --office "$office" --quiet --json import packets "$work/many.jsonl" >"$work/log" 2>/dev/null &
    job=$! # the program itself, not a shell around it
    sleep "$delay"
    kill -9 "$job" 2>/dev/null || true
    wait "$job" 2>/dev/null || true
    told=$(sed -n 's/.*"durable":\([0-9]*\),.*/\1/p' "$work/log" | tail -n 1)
    there=$(a report history --format csv | tail -n 1 | cut -d, -f1)
    [ "${told:-0}" -le "${there:-0}" ] || lost=$((lost + 1))
done
is "nothing that was told to be durable is missing" 0 "$lost"
read -r stored known refused <<<"$(take "$work/many.jsonl")"
is "the next run takes the rest, nothing twice" "40000 0" "$((stored + known)) $refused"
is "every packet is a reading, once" 40000 \
    "$(a report readings --serial "${serials[4]}" --format csv 2>/dev/null | grep -c ',automatic,' || true)"
n=$((n + 1))
if a verify --deep >"$work/verify" 2>&1; then echo "ok $n - verify --deep holds after the kills"; else
    bad=$((bad + 1))
    echo "not ok $n - verify --deep after the kills"
    sed 's/^/# /' "$work/verify"
fi
tap_end

#!/usr/bin/env bash
# What is given to the program to deceive it: malformed, oversized, deep and ambiguous JSON; JSON that is not canonical; keys on other
# curves; proofs that are cut, or of another office; checkpoints of another origin, of size 0, beyond the tree; envelopes of another
# type. Each is refused with the reason and an exit status, and nothing is recorded.
# shellcheck disable=SC2086
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
n=0 bad=0
verdict() # status, what
{
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else bad=$((bad + 1)); echo "not ok $n - $2"; sed 's/^/# /' out; fi
}
a() { timeout 60 "$bin" --office "$work/A" --lang en --quiet --yes "$@"; }
b() { timeout 60 "$bin" --office "$work/B" --lang en --quiet --yes "$@"; }
x() { timeout 60 "$bin" --lang en "$@"; }
# refused STATUS WORDS command: ends with that status, and says those words
refused()
{
    local wanted=$1 words=$2 s=0
    shift 2
    "$@" </dev/null >out 2>&1 || s=$?
    [ "$s" = "$wanted" ] && grep -qE -- "$words" out && s=0 || s=1
    verdict $s "$words: $(sed "s,$bin,aforo,; s,$work/*,,g" <<<"${*:1:12}" | cut -c1-90)"
}
echo clave-de-prueba >pw
for o in a b; do
    $o init --code "${o^}${o^}" --name "Oficina" --currency EUR --zone UTC --locale es_ES --login ana --person Ana --password-file pw >/dev/null
    $o login --user ana --password-file pw >/dev/null
    $o checkpoint sign >/dev/null
    $o proof entry 2 -o "$o.json" >/dev/null
    $o export checkpoint "$o.cp" >/dev/null
    sed '1,/^$/d' "$o.cp" >"$o.note"
done
a --date 2016-01-01 tariff publish "$top/data/tariffs/demo-water.json" >/dev/null
a meter add W1 --kind water --unit m3 --digits 5 --decimals 3 --installed 2016-01-01 --account C1 --customer Cliente --tariff demo-water --initial 0 >/dev/null
cp -a A older
a customer add --name Dos >/dev/null
a checkpoint sign >/dev/null
a export checkpoint newer.cp >/dev/null
a export ledger ledger >/dev/null
height=$(sqlite3 A/office.db 'SELECT count(*) FROM entry')

# --- JSON
printf '{' >half
printf '{"code":"a","code":"b"}' >twice
printf '{"code":"\xff"}' >latin
printf '%100s' '' | tr ' ' '[' >deep
head -c 1000000 /dev/zero | tr '\0' '[' >deepest
{ printf '{"a":"'; head -c 70000 /dev/zero | tr '\0' x; printf '"}'; } >large
for what in "tariff publish" "mapping save m"; do
    refused 1 "^aforo: half: JSON, line 1, column 2: a member name" a $what half
    refused 1 "two members \"code\"" a $what twice
    refused 1 "is not UTF-8" a $what latin
    refused 1 "nested too deeply" a $what deep
    refused 1 "^aforo: deepest: larger than" a $what deepest
    refused 1 "^aforo: large: larger than" a $what large
done
refused 1 "two members \"code\"" x check twice
refused 1 "nested too deeply" x check deep
refused 1 "nested too deeply" x check deepest
refused 1 "line 1: .*flat JSON object" a import packets half
refused 1 "line 1: .*two members of one name" a import packets twice
refused 1 "line 1: .*not UTF-8" a import packets latin
refused 1 "line 1: .*at most 16384 bytes" a import packets large
refused 1 "line 1: .*at most 16384 bytes" a import packets deepest

# --- not canonical
jq . a.json >pretty.json
refused 1 "not canonical JSON" x check pretty.json
LC_ALL=C awk 'NR == 3 { sub(/"payloadType"/, " \"payloadType\"") } NR == 2 { $2++ } { print }' ledger >spaced
refused 1 "does not have the exact form" x rebuild spaced made1

# --- curves and keys
for curve in secp384r1 sect283k1; do openssl ecparam -name $curve -genkey -noout | openssl ec -pubout -out $curve.pub 2>/dev/null; done
openssl genpkey -algorithm ed25519 2>/dev/null | openssl pkey -pubout -out ed25519.pub
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 2>/dev/null | openssl pkey -pubout -out rsa.pub
for key in sect283k1 ed25519 rsa; do refused 1 "Only ECDSA keys on the curves" a device add D1 --key $key.pub --meter W1; done
refused 1 "half" a device add D1 --key half --meter W1
a device add D1 --key secp384r1.pub --meter W1 >/dev/null
height=$((height + 1))
packet() { printf '{"device_id":"D1","timestamp":"2026-11-20T00:00:00Z","nonce":1,"unidad":"m3","register":%s,"signature":"%s"}\n' "$1" "$2"; }
packet 1 MAA= >one.packet
refused 1 "does not take packets signed on this curve" a import packets one.packet
packet 1e3 MAA= >one.packet
refused 1 "without exponent" a import packets one.packet
packet 1 '' >one.packet
refused 1 'field "signature" is missing' a import packets one.packet
packet '{"a":1}' MAA= >one.packet
refused 1 "its values are strings and numbers only" a import packets one.packet
height=$(sqlite3 A/office.db 'SELECT count(*) FROM entry') # what is said in a known device's name is recorded, as an alert

# --- proofs
log=$(a key export "$(a key list --json | jq -r 'select(.purpose == "log").key')" | tail -1)
head -c 3000 a.json >cut.json
refused 1 "the text ends inside a string" x check cut.json
refused 3 "has not signed the checkpoint" x check b.json --key "$log"
change() { jq -cS "$1" a.json >changed.json; }
change '.entries[0].inclusion |= (split("\n") | del(.[3]) | join("\n"))'
refused 3 "its path does not give the root" x check changed.json
change '.entries[0].inclusion |= sub("index [0-9]+"; "index 5000")'
refused 3 "its path does not give the root" x check changed.json
change '.office = "BB"'
refused 3 "is of office BB, its entry 1 of office AA" x check changed.json
jq -cS --arg c "$(jq -r .checkpoint b.json)" '.checkpoint = $c + "\n"' a.json >changed.json
refused 3 'the checkpoint is of the log "aforo.office/BB", the proof of office AA' x check changed.json
change '.checkpoint |= sub("\n[0-9]+\n"; "\n0\n")'
refused 3 "checkpoint of 0 entries" x check changed.json
change '.entries[0].envelope |= sub("vnd.aforo.entry"; "vnd.other.thing")'
refused 3 'holds "application/vnd.other.thing\+json"; an entry is "application/vnd.aforo.entry\+json"' x check changed.json
{ cat a.json; head -c 5000000 /dev/zero | tr '\0' ' '; } >large.json
refused 1 "at most 4194304 bytes" x check large.json

# --- checkpoints
refused 1 "not a checkpoint" a verify --against half
refused 1 "another log, aforo.office/BB; this one is aforo.office/AA" a verify --against b.note
refused 1 "another log, aforo.office/BB; this one is aforo.office/AA" a verify --against b.cp
sed '2s/.*/0/' a.note >zero
refused 1 "it covers no entry" a verify --against zero
sed '2s/.*/99999/' a.note >forged
refused 1 "signature of aforo.office/AA does not hold" a verify --against forged
head -3 a.note >unsigned
refused 1 "not a checkpoint" a verify --against unsigned
refused 3 "the ledger ends at entry [0-9]+; newer.cp covers" "$bin" --office older --lang en verify --against newer.cp
for file in a.note a.cp newer.cp A/state/high-water; do a verify --against $file >out 2>&1 && s=0 || s=$?; verdict $s "... and $file is taken in the form that it has"; done
refused 2 "is a checkpoint of aforo.office/BB" a checkpoint add-cosignature b.note
x witness init W --name w.example/w >/dev/null 2>&1
x witness log add W --key "$log" >/dev/null
refused 1 "was told no key of aforo.office/BB" x witness cosign W b.cp
refused 1 "holds no signed checkpoint|not a request" x witness cosign W half
sed 's/^old .*/old 3/' a.cp >from3
refused 1 "it knows size 0" x witness cosign W from3

# --- envelopes of another type in an export
LC_ALL=C sed '3s/vnd.aforo.entry/vnd.other.thing/' ledger >typed
refused 3 'payload type "application/vnd.other.thing\+json"' x rebuild typed made2
head -c 5000 ledger >short
refused 1 "the file ends in the middle" x rebuild short made3

[ "$(sqlite3 A/office.db 'SELECT count(*) FROM entry')" = "$height" ] && [ ! -e made1 ] && [ ! -e made2 ] && [ ! -e made3 ] && s=0 || s=1
echo "entries: $(sqlite3 A/office.db 'SELECT count(*) FROM entry'), wanted $height; $(ls)" >out
verdict $s "nothing of it is recorded or left behind"
a verify --deep >out 2>&1 && s=0 || s=$?
verdict $s "verify --deep"
echo "1..$n"
exit $((bad > 0))

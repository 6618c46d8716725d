#!/usr/bin/env bash
# A witness from end to end: an office signs and exports, a witness that has no office cosigns, the office keeps what came back, its
# proofs carry it; two offices side by side; a rolled-back office that grew another branch is caught as a fork.
set -euo pipefail
bin=${AFORO_BIN:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export AFORO_LANG=en
# shellcheck source=tests/lib/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh"

status() { local s=0; "$@" >"$work/out" 2>"$work/err" || s=$?; echo $s; }
says() { if grep -q -e "$2" "$work/$1"; then echo yes; else cat "$work/$1"; fi; }

a() { "$bin" --office "$work/SJ01" --quiet "$@"; }
b() { "$bin" --office "$work/SJ02" --quiet "$@"; }
w() { "$bin" witness "$@"; }
office() # code
{
    "$bin" --office "$work/$1" --quiet init --code "$1" --name "Oficina $1" --currency CRC --zone America/Costa_Rica --locale es_CR \
        --login ana --person "Ana" --password-file "$work/pw" >/dev/null
    "$bin" --office "$work/$1" --quiet login --user ana --password-file "$work/pw" >/dev/null
}
log_key() { "$bin" --office "$work/$1" key export "$("$bin" --office "$work/$1" key list | awk '$3 == "log" {print $1; exit}')" | tail -1; }
customers() { local o=$1 i; for i in $(seq "$2"); do "$bin" --office "$work/$o" --quiet customer add --name "Cliente $i" >/dev/null; done; }
size() { sqlite3 "$work/$1/office.db" 'SELECT max(seq) FROM entry'; }

printf 'demo-1234\n' >"$work/pw"
office SJ01
office SJ02

# --- a witness, with no office ------------------------------------------------------------------------------------------
is "nothing to export before a checkpoint is signed" 1 "$(status a export checkpoint "$work/none")"
is "... says what to run" yes "$(says err 'aforo checkpoint sign')"
is "witness init" 0 "$(status w init "$work/w" --name witness.example.com)"
vkey=$(cat "$work/out")
is "... prints the verifier key" "$vkey" "$(cat "$work/w/witness.vkey")"
is "... once" 1 "$(status w init "$work/w" --name witness.example.com)"
is "its folder is nobody else's" "700 600 600" "$(stat -c %a "$work/w" "$work/w/witness.key" "$work/w/witness.secret" | tr '\n' ' ' | sed 's/ $//')"
a checkpoint sign >/dev/null
a export checkpoint "$work/r1" >/dev/null
is "a log that it was not told of" 1 "$(status w cosign "$work/w" "$work/r1")"
is "... is named" yes "$(says err 'was told no key of .*SJ01')"
is "witness log add" 0 "$(status w log add "$work/w" --key "$(log_key SJ01)")"
is "... an office's entry key is none" 1 "$(status w log add "$work/w" --key "$vkey")"

# --- cosigned, kept, proved ---------------------------------------------------------------------------------------------
first=$(size SJ01)
is "the request begins as c2sp.org/tlog-witness says" "old 0|" "$(head -2 "$work/r1" | tr '\n' '|' | sed 's/||$/|/')"
is "an answer that cannot be written" 1 "$(status w cosign "$work/w" "$work/r1" -o "$work/nowhere/c1")"
is "... is remembered all the same" 1 "$(grep -c -h 'witness.example.com' "$work"/w/logs/*)"
is "cosign" 0 "$(status w cosign "$work/w" "$work/r1" -o "$work/c1")"
is "... tells that it did before" yes "$(says out 'cosigned before')"
is "... the same to standard output" "$(sha256sum <"$work/c1")" "$(w cosign "$work/w" "$work/r1" | sha256sum)"
is "the office does not take what it does not know" 1 "$(status a checkpoint add-cosignature "$work/c1")"
a witness add "$vkey" >/dev/null
is "the office keeps the cosignature" 0 "$(status a checkpoint add-cosignature "$work/c1")"
is "verify tells of it" 0 "$(status a verify)"
is "... 1 cosignature" yes "$(says out 'checkpoints: 1, cosignatures: 1; all of them hold')"
customers SJ01 1
a checkpoint sign >/dev/null
a export checkpoint "$work/r2" --since "$first" >/dev/null
is "the next one follows" 0 "$(status w cosign "$work/w" "$work/r2" -o "$work/c2")"
is "... and is kept" 0 "$(status a checkpoint add-cosignature "$work/c2")"
is "a proof carries the witness's line" yes "$(a proof entry 2 -o "$work/p2" >"$work/out" 2>&1 && says p2 'witness.example.com')"
is "... and holds" 0 "$(status "$bin" check "$work/p2" --key "$vkey")"
is "an older checkpoint is refused" 1 "$(status w cosign "$work/w" "$work/r1")"
is "... with the size known" yes "$(says err "of $(sed -n '/^$/,$p' "$work/r2" | sed -n 3p) that this witness")"
is "a size beyond the newest checkpoint is refused" 1 "$(status a export checkpoint "$work/none" --since 9999)"
is "a size that is none is refused" 2 "$(status a export checkpoint "$work/none" --since x)"

# --- by hand: openssl over the cosignature's message ----------------------------------------------------------------------
line=$(grep 'witness.example.com' "$work/c2" | awk '{print $3}')
printf '%s' "$line" | base64 -d >"$work/blob"
when=$((16#$(dd if="$work/blob" bs=1 skip=4 count=8 2>/dev/null | xxd -p)))
dd if="$work/blob" bs=1 skip=12 2>/dev/null >"$work/sig"
(printf 'cosignature/v1\ntime %s\n' "$when"; sed '/^$/,$d' "$work/c2") >"$work/message"
(printf '302a300506032b6570032100' | xxd -r -p; printf '%s' "${vkey#*+*+}" | base64 -d | tail -c 32) >"$work/spki"
is "openssl accepts the cosignature" 0 \
    "$(status openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$work/spki" -in "$work/message" -sigfile "$work/sig")"
is "... and not over another text" 1 "$(echo >>"$work/message"; status openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$work/spki" \
    -in "$work/message" -sigfile "$work/sig")"

# --- another office ------------------------------------------------------------------------------------------------------
b checkpoint sign >/dev/null
b export checkpoint "$work/b1" >/dev/null
is "another office is another log" 1 "$(status w cosign "$work/w" "$work/b1")"
w log add "$work/w" --key "$(log_key SJ02)" >/dev/null
is "... until the witness was told" 0 "$(status w cosign "$work/w" "$work/b1" -o "$work/cb1")"
is "an office takes no cosignature of another's checkpoint" 2 "$(status a checkpoint add-cosignature "$work/cb1")"
is "status tells both" 2 "$(w status "$work/w" | grep -c 'entries, root')"

# --- a fork ---------------------------------------------------------------------------------------------------------------
cp -r "$work/SJ01" "$work/past"
customers SJ01 1
a checkpoint sign >/dev/null
known=$(size SJ01) # no power of two: a proof from there would show no fork
a export checkpoint "$work/r3" --since "$(sed -n 2p <(sed '1,/^$/d' "$work/r2"))" >/dev/null
is "the office goes on" 0 "$(status w cosign "$work/w" "$work/r3")"
before=$(cat "$work"/w/logs/* | sha256sum)
rm -rf "$work/SJ01"
mv "$work/past" "$work/SJ01" # rolled back whole, high-water included, and another branch grown
customers SJ01 1
a checkpoint sign >/dev/null
is "the other branch is as long" "$known" "$(size SJ01)"
a export checkpoint "$work/f1" --since "$known" >/dev/null
is "another root of the same size: status 3" 3 "$(status w cosign "$work/w" "$work/f1" -o "$work/none")"
is "... said in words" yes "$(says err 'FORK: .*SJ01 has signed two histories')"
is "... no cosignature given" no "$([ -e "$work/none" ] && echo yes || echo no)"
customers SJ01 1
a checkpoint sign >/dev/null
a export checkpoint "$work/f2" --since "$known" >/dev/null
is "a branch that grew: status 3" 3 "$(status w cosign "$work/w" "$work/f2")"
is "both are kept, side by side" 2 "$(find "$work/w/evidence" -name cosigned | wc -l)"
is "... as they were shown" "$(for f in f1 f2; do sed '1,/^$/d' "$work/$f" | sha256sum; done | sort)" \
    "$(for f in "$work"/w/evidence/*/shown; do sha256sum <"$f"; done | sort)"
is "... and what was remembered is as it was" "$before" "$(cat "$work"/w/logs/* | sha256sum)"
is "status tells of them" yes "$(w status "$work/w" >"$work/out"; says out '2 FORKS')"
for o in SJ01 SJ02; do is "$o: verify --deep" 0 "$(status "$bin" --office "$work/$o" --quiet verify --deep)"; done

# --- a key under a password -----------------------------------------------------------------------------------------------
printf 'otra-1234\n' >"$work/pw2"
w init "$work/w2" --name regulador --password-file "$work/pw2" >/dev/null
w log add "$work/w2" --key "$(log_key SJ02)" >/dev/null
is "a wrong password: status 4" 4 "$(status w cosign "$work/w2" "$work/b1" --password-file "$work/pw")"
is "the right one" 0 "$(status w cosign "$work/w2" "$work/b1" --password-file "$work/pw2")"

# --- tiles ----------------------------------------------------------------------------------------------------------------
b export tiles "$work/tiles" >/dev/null
is "tiles of what was cosigned: the same answer" "$(sha256sum <"$work/cb1")" "$(w cosign "$work/w" "$work/tiles" | sha256sum)"
cp -r "$work/tiles" "$work/short"
customers SJ02 1
b checkpoint sign >/dev/null
b export tiles "$work/tiles" >/dev/null
cp "$work/tiles/checkpoint" "$work/short/checkpoint"
is "a checkpoint beyond the tiles is refused" 1 "$(status w cosign "$work/w" "$work/short")"
is "... which are named" yes "$(says err 'short/tile/0/000')"
is "tiles that grew are cosigned" 0 "$(status w cosign "$work/w" "$work/tiles")"
a export tiles "$work/forked" >/dev/null
is "tiles of the other branch: a fork" 3 "$(status w cosign "$work/w" "$work/forked")"
is "... kept already, from the request" 2 "$(find "$work/w/evidence" -name cosigned | wc -l)"
tap_end

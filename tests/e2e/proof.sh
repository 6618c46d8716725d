#!/usr/bin/env bash
# Proofs end to end: made, checked by aforo and, with public tools alone, by the script of docs/check-by-hand.md; one changed digit in
# any part is refused by both. A bill's PDF carries its proof and a QR code, and is the same bytes each time.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

status() { local s=0; "$@" >"$work/out" 2>"$work/err" || s=$?; echo $s; }
says() { if grep -q -e "$2" "$work/$1"; then echo yes; else cat "$work/$1"; fi; }
same() { if cmp -s "$1" "$2"; then echo same; else echo other; fi; }

# An office of two meters, one month billed.
echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$work/office" --lang en --quiet "$@"; }
op() { a --session "$work/olga" "$@"; }
{
    a init --code PRUEBA --name "Acueducto de Prueba" --currency USD --zone America/Costa_Rica --locale es_CR --login ana \
        --person "Ana" --password-file "$work/pw"
    a login --user ana --password-file "$work/pw"
    a user add olga --person "Olga" --roles operator --password-file "$work/pw"
    op login --user olga --password-file "$work/pw"
    a tariff publish "$top/data/tariffs/doc07-water.json"
    from=$(date -d '40 days ago' +%F) read_on=$(date -d '9 days ago' +%F) until=$(date -d '8 days ago' +%F)
    for i in 1 2; do
        a meter add "AGUA-$i" --kind water --unit m3 --digits 5 --decimals 0 --account "12$i" --customer "Cliente $i" \
            --tariff doc07-water --max-rate 1000 --installed "$from" --initial 0 --limit 6000
        op reading add "AGUA-$i" "$((6042 * i))" --time "$read_on 09:42"
    done
    a bill run --from "$from" --to "$until"
    a checkpoint sign
} >"$work/made"

# --- by aforo ---------------------------------------------------------------------------------------------------------
for target in "bill 2" "reading 4" "entry 5"; do
    # shellcheck disable=SC2086
    is "proof $target" 0 "$(status a proof $target -o "$work/${target% *}.json")"
    is "... holds" 0 "$(status "$bin" --lang en check "$work/${target% *}.json")"
    is "... and says with which keys" yes "$(says out 'by the keys in the file')"
    is "... and what it lacks" yes "$(says out '^missing: cosignatures')"
done
bill=$work/bill.json
is "the figure is followed to readings and tariff" yes "$("$bin" --lang en check "$bill" | grep -q 'computed again' && echo yes)"
is "--json" "true 2 bill" "$("$bin" check "$bill" --json | jq -r '"\(.holds) \(.number) \(.target)"')"
# Programs get JSON from every subcommand that they ask for it.
for verb in "proof bill 2 -o $work/j1" "key test" "key export $(a key list | awk '$3 == "log" {print $1}')" "report bills --output $work/j2.csv" \
    "bill pdf 2 --output $work/j3.pdf" "personal export --customer 1 --output $work/j4" "personal purge --status" "reconcile" \
    "export journal -o $work/j5" "login --user ana --password-file $work/pw" "version" "witness init $work/j6 --name w.example"; do
    # shellcheck disable=SC2086
    is "--json of: ${verb%% -*}" object "$(a $verb --json | jq -r type | sort -u)"
done
is "no office is needed" 0 "$(cd / && status env -i "$bin" check "$bill")"
is "a proof that is not there" 1 "$(status a proof bill 99 -o "$work/none.json")"
is "... is named" yes "$(says err 'no bill 99')"
is "... and leaves no file" no "$([ -e "$work/none.json" ] && echo yes || echo no)"
is "a kind that is unknown" 2 "$(status a proof letter 1 -o "$work/none.json")"
is "half a file: status 1" 1 "$(head -c 4000 "$bill" | status "$bin" check -)"
is "a key that has not signed: status 3" 3 \
    "$(status "$bin" --lang en check "$bill" --key 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')"
is "... is named" yes "$(says err 'PeterNeumann')"
is "--key without a key is no check" "2 yes" "$(status "$bin" --lang en check "$bill" --key) $(says err 'needs a value')"

# --- by hand ----------------------------------------------------------------------------------------------------------
# shellcheck disable=SC2016
awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$top/docs/check-by-hand.md" >"$work/check.sh"
is "the hand check accepts the bill's proof" 0 "$(status bash "$work/check.sh" "$bill")"
is "... and tells its amount" yes "$(says out "^bill 2 of office PRUEBA: .* minor units of USD; it holds")"

for kind in reading entry; do
    is "... and of the $kind" 0 "$(status bash "$work/check.sh" "$work/$kind.json")"
done
is "... which says what was read" yes "$(status bash "$work/check.sh" "$work/reading.json" >"$work/status"; says out '^reading 4 of office PRUEBA: register 2 at 12084')"

# Each string and number of the file with one digit (or letter) changed in its middle; as many parts as the run has time for.
jq -c 'paths(scalars)' "$bill" >"$work/paths"
parts=$(wc -l <"$work/paths")
step=1
[ "${AFORO_SOAK:-}" = 1 ] || step=$(((parts + 11) / 12))
accepted=0 tried=0
for ((p = 1; p <= parts; p += step)); do
    path=$(sed -n "${p}p" "$work/paths")
    jq -cS --argjson path "$path" 'def digit: if . >= 48 and . <= 57 then (. - 48 + 1) % 10 + 48 elif . == 97 then 98 else 97 end;
        getpath($path) as $v | setpath($path; if ($v | type) == "number" then $v + 1 elif $v == "" then "1" else
        ($v | explode) as $c | ([range($c | length)] | map(select($c[.] >= 48 and $c[.] <= 57)) | .[length / 2 | floor] // 0) as $at |
        ($c | .[$at] |= digit | implode) end)' "$bill" >"$work/changed.json"
    [ "$(same "$bill" "$work/changed.json")" = other ] || { accepted=$((accepted + 1)); echo "# unchanged: $path"; }
    [ "$(status bash "$work/check.sh" "$work/changed.json")" != 0 ] || { accepted=$((accepted + 1)); echo "# by hand: $path"; }
    [ "$(status "$bin" check "$work/changed.json")" != 0 ] || { accepted=$((accepted + 1)); echo "# by aforo: $path"; }
    tried=$((tried + 1))
done
is "one changed digit in any of its parts is refused ($tried of $parts)" 0 "$accepted"
echo "# count proof_by_hand $tried $accepted"

# --- the PDF ----------------------------------------------------------------------------------------------------------
a bill pdf 2 --output "$work/one.pdf" >/dev/null
is "aforo checks a PDF" 0 "$(status "$bin" --lang en check "$work/one.pdf")"
pdfdetach -saveall -o "$work/out.d" "$work/one.pdf" >/dev/null 2>&1 || { mkdir -p "$work/out.d"; pdfdetach -saveall -o "$work/out.d" "$work/one.pdf" >/dev/null; }
attached=$(find "$work/out.d" -name '*.proof.json')
is "other programs take the proof out of it" 0 "$(status "$bin" check "$attached")"
is "... and it is checked by hand, too" 0 "$(status bash "$work/check.sh" "$attached")"
a customer add --name "Otra" >/dev/null
a checkpoint sign >/dev/null
a --date "$(date +%F)" bill pdf 2 --output "$work/two.pdf" >/dev/null
is "made again after another checkpoint: the same bytes" same "$(same "$work/one.pdf" "$work/two.pdf")"
# (A program with AddressSanitizer stands still under faketime.)
if command -v faketime >/dev/null && ! grep -q __asan_init "$bin"; then
    # The session has ended by then; who is not logged in sees no names.
    later() { faketime '3 days' "$bin" --office "$work/office" --lang en --quiet "$@" >/dev/null; }
    later login --user ana --password-file "$work/pw"
    later bill pdf 2 --output "$work/three.pdf"
    is "made on another day: the same bytes" same "$(same "$work/one.pdf" "$work/three.pdf")"
fi
a bill pdf --run 1 --output "$work/all.pdf" >/dev/null
is "a file of many bills has no attachments" 1 "$(status "$bin" --lang en check "$work/all.pdf")"

# --- the QR code ------------------------------------------------------------------------------------------------------
if command -v zbarimg >/dev/null; then
    pdftoppm -r 300 -png "$work/one.pdf" "$work/page"
    qr=$(zbarimg --raw -q -Sdisable -Sqrcode.enable "$work"/page-*.png 2>/dev/null)
    is "a QR reader reads the code" "AFORO1 PRUEBA 2 USD" "$(cut -d' ' -f1-4 <<<"$qr")"
    is "... of at most 300 bytes" yes "$([ ${#qr} -le 300 ] && echo yes)"
    is "the code is the bill's" 0 "$(status "$bin" --lang en check "$work/one.pdf" --qr "$qr")"
    is "another amount is refused" 3 "$(status "$bin" check "$work/one.pdf" --qr "${qr/ USD / USD 1}")"
    spki=$(jq -r '.entries[0].envelope | fromjson | .payload' "$bill" | base64 -d | jq -r '.data.keys[] | select(.purpose == "document") | .spki')
    is "the code alone, by the document key" 0 "$(status "$bin" check "$qr" --key "$spki")"
    is "... without a key: status 1" 1 "$(status "$bin" check "$qr")"
    # The same by hand: Ed25519 over all before the last space.
    printf '%s' "${qr% *}" >"$work/signed"
    base64 -d <<<"${qr##* }" >"$work/sig"
    base64 -d <<<"$spki" | openssl pkey -pubin -inform DER -out "$work/document.pem"
    is "... and by openssl" 0 "$(status openssl pkeyutl -verify -rawin -pubin -inkey "$work/document.pem" -in "$work/signed" -sigfile "$work/sig")"
else
    echo "ok $((n += 1)) - the QR code is read # SKIP zbar-tools is not installed"
fi
is "verify --deep" 0 "$(status a verify --deep)"
tap_end

#!/usr/bin/env bash
# The ledger checked with public tools alone (sqlite3, openssl, sha256sum, base64, jq): every signature, every leaf hash, the whole
# chain; and one changed digit is refused. None of our code does the checking. docs/ledger.md describes the steps.
set -euo pipefail
bin=${AFORO_BIN:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh"

echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$work/office" --quiet "$@" >/dev/null; }
a init --code HAND --name "Por mano" --currency USD --zone America/Costa_Rica --locale es_CR --login ana --person "Ana" \
    --password-file "$work/pw"
a login --user ana --password-file "$work/pw"
for i in 1 2 3; do
    a customer add --name "Cliente $i"
done
db=$work/office/office.db

# check DATABASE: prints how many entries hold, stops at the first that does not
check()
{
    local db=$1 held=0 prev=0000000000000000000000000000000000000000000000000000000000000000 seq keyid leaf type
    type=application/vnd.aforo.entry+json
    for seq in $(sqlite3 "$db" 'SELECT seq FROM entry ORDER BY seq'); do
        sqlite3 "$db" "SELECT payload FROM entry WHERE seq = $seq" | tr -d '\n' >"$work/payload"
        sqlite3 "$db" "SELECT hex(sig) FROM entry WHERE seq = $seq" | xxd -r -p >"$work/sig"
        keyid=$(sqlite3 "$db" "SELECT lower(hex(keyid)) FROM entry WHERE seq = $seq")
        leaf=$(sqlite3 "$db" "SELECT lower(hex(leaf)) FROM entry WHERE seq = $seq")
        # Keys come from the entries themselves, each under its own hash.
        if jq -e '.data.spki' "$work/payload" >/dev/null; then
            jq -r .data.spki "$work/payload" | base64 -d >"$work/spki"
            cp "$work/spki" "$work/key.$(sha256sum <"$work/spki" | cut -d' ' -f1)"
        fi
        { printf 'DSSEv1 %d %s %d ' ${#type} $type "$(wc -c <"$work/payload")"; cat "$work/payload"; } >"$work/pae"
        openssl dgst -sha256 -verify <(openssl pkey -pubin -inform DER -in "$work/key.$keyid") -signature "$work/sig" \
            "$work/pae" >/dev/null 2>&1 || break
        [ "$({ printf '\0{"payload":"%s","payloadType":"%s","signatures":[{"keyid":"%s","sig":"%s"}]}' \
            "$(base64 -w0 "$work/payload")" $type "$keyid" "$(base64 -w0 "$work/sig")"; } | sha256sum | cut -d' ' -f1)" = "$leaf" ] ||
            break
        [ "$(jq -r .prev "$work/payload")" = "$prev" ] || break
        [ "$(jq -r .seq "$work/payload")" = "$((held + 1))" ] || break
        prev=$leaf
        held=$((held + 1))
    done
    echo $held
}

entries=$(sqlite3 "$db" 'SELECT count(*) FROM entry')
is "signatures, leaf hashes and chain hold, entry by entry" "$entries" "$(check "$db")"
cp "$db" "$work/broken.db"
sqlite3 "$work/broken.db" "UPDATE entry SET payload = replace(payload, '\"customer\":2', '\"customer\":9') WHERE seq = $((entries - 1))"
is "one changed digit is found" "$((entries - 2))" "$(check "$work/broken.db")"
tap_end

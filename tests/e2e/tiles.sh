#!/usr/bin/env bash
# The log as C2SP tiles, audited by programs that are not ours: Go's golang.org/x/mod/sumdb (Debian's package, Debian's Go), and
# Tessera's fsck where Go's module proxy answers (the only check that may be skipped).
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

a() { "$bin" --office "$work/office" --lang en --quiet "$@"; }
size() { sed -n 2p "$1/checkpoint"; }

go=/usr/bin/go
[ -x "$go" ] || go=$(command -v go)
GOPATH=/usr/share/gocode GO111MODULE=off GOFLAGS='' GOCACHE=$work/gocache "$go" build -o "$work/check" "$top/tests/tlog/check.go"

echo clave-de-prueba >"$work/pw"
a init --code TIL01 --name "Tiles" --currency USD --zone America/Costa_Rica --locale es_CR --login ana --person "Ana" \
    --password-file "$work/pw" >/dev/null
a login --user ana --password-file "$work/pw" >/dev/null
is "without a checkpoint there is nothing to publish" 1 "$(a export tiles "$work/tiles" 2>&1 >/dev/null | grep -c 'checkpoint sign')"
a checkpoint sign >/dev/null
a export tiles "$work/tiles" >/dev/null
vkey=$(a key export "$(a key list | awk '$3 == "log" {print $1}')" | grep '^aforo\.office/TIL01+')
first=$(size "$work/tiles")
is "another tool accepts the log" "$first entries under the signed root" "$("$work/check" "$work/tiles" "$vkey")"
cp "$work/tiles/checkpoint" "$work/old"

# Past 256 entries: full tiles, a second level, partial ones.
for i in $(seq 1 300); do
    a customer add --name "Persona $i" >/dev/null
done
a checkpoint sign >/dev/null
a export tiles "$work/tiles" >/dev/null
second=$(size "$work/tiles")
is "it grew past a tile" 1 "$((second > 300))"
is "full tiles, the level above, partial ones" 1 "$([ -f "$work/tiles/tile/0/000" ] && [ -f "$work/tiles/tile/1/000.p/1" ] &&
    [ -f "$work/tiles/tile/0/001.p/$((second - 256))" ] && [ -f "$work/tiles/tile/entries/000" ] && echo 1)"
is "no partial form of a full tile is left" "" "$(ls -d "$work/tiles/tile/0/000.p" 2>/dev/null)"
is "another tool sees that it continues" "$second entries under the signed root|continues the checkpoint of $first entries" \
    "$("$work/check" "$work/tiles" "$vkey" "$work/old" | paste -sd'|')"
is "again: nothing but the checkpoint is written" 1 "$(a export tiles "$work/tiles" --json | grep -c '"files":1}')"
a export tiles "$work/fresh" >/dev/null
is "a fresh folder has the same files" "" "$(diff -r "$work/tiles" "$work/fresh")"

# Whatever is changed, the other tool refuses.
tiles_checked()
{
    "$work/check" "$work/bad" "$vkey" >/dev/null 2>&1 && echo accepted || echo refused
}
for file in checkpoint tile/0/000 "tile/0/001.p/$((second - 256))" tile/1/000.p/1 tile/entries/000; do
    rm -rf "$work/bad"
    cp -r "$work/tiles" "$work/bad"
    perl -0pi -e 'substr($_, length($_) / 2, 1) ^= "\x01"' "$work/bad/$file"
    is "a flipped bit in $file" refused "$(tiles_checked)"
done
is "a tile that differs is not written over" 1 "$(rm -rf "$work/bad"; cp -r "$work/tiles" "$work/bad"
    perl -0pi -e 'substr($_, 9, 1) ^= "\x01"' "$work/bad/tile/entries/001.p/$((second - 256))"
    a export tiles "$work/bad" 2>&1 >/dev/null | grep -c 'keep this one as evidence')"
cp -r "$work/tiles" "$work/other"
sed -i '2s/.*/7/' "$work/other/checkpoint"
is "a folder that this ledger does not continue" 1 "$(a export tiles "$work/other" 2>&1 >/dev/null | grep -c 'does not continue')"

# The log of the C2SP authors' own tests, by the same tool: what it accepts is the standard, not our reading of it.
log=${AFORO_DATA:-}/vectors/tiles/log
if [ -d "$log" ]; then
    key='example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx'
    is "the tool accepts Tessera's test log" "15 entries under the signed root|continues the checkpoint of 8 entries" \
        "$("$work/check" "$log" "$key" "$log/checkpoint.8" | paste -sd'|')"
fi

# Tessera's fsck, from Go's module proxy; Go's own caches make the next run quick. It reads the log's origin from the verifier key.
n=$((n + 1))
newer=$(command -v go || true)
if [ -n "$newer" ] && GOBIN=$work/gobin GOFLAGS='' timeout 120 "$newer" install \
    github.com/transparency-dev/tessera/cmd/fsck@latest >"$work/go.out" 2>&1; then
    echo "$vkey" >"$work/log.vkey"
    if "$work/gobin/fsck" --storage_url="file://$work/tiles/" --public_key="$work/log.vkey" >"$work/fsck.out" 2>&1; then
        echo "ok $n - Tessera's fsck"
    else
        bad=$((bad + 1))
        echo "not ok $n - Tessera's fsck: $(tail -n 2 "$work/fsck.out" | tr '\n' ' ')"
    fi
else
    echo "ok $n - Tessera's fsck # SKIP Go's module proxy did not answer: $(tail -n 1 "$work/go.out" 2>/dev/null | cut -c 1-100)"
fi
is "the ledger verifies" 0 "$(a verify --deep >/dev/null 2>"$work/err" && echo 0 || { cat "$work/err" >&2; echo 1; })"
tap_end

#!/usr/bin/env bash
# Print docs/kinds.md, made from src/ledger/kinds.def and the titles of data/schemas. Status 1, with the way out on
# standard error, when a kind lacks its schema, its golden bytes or the form of its items.
# usage: kinds_doc.sh [FOLDER]
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"
status=0

lacks()
{
    echo "src/ledger/kinds.def:1: $1 (to add a kind: ARCHITECTURE.md)" >&2
    status=1
}

# title NAME: what the schema says of itself.
title()
{
    sed -n 's/^  "title": "\(.*\)",\{0,1\}$/\1/p' "data/schemas/$1.json" | head -n 1
}

row()
{
    local name=$1 version=$2 signer=$3 file=$1.v$2 items='' form
    [ -f "data/schemas/$file.json" ] || { lacks "$name has no data/schemas/$file.json"; return 0; }
    [ -f "tests/golden/entry/$file.json" ] || lacks "$name has no tests/golden/entry/$file.json: make update-kinds"
    if [[ $name == *.batch ]]; then
        form=$(sed -n "s/^ITEMS(${name/./_}, \([A-Z]*\))\$/\1/p" src/ledger/items.def)
        case $form in
        JSON)
            items="[$name.item.v$version](../data/schemas/$name.item.v$version.json)"
            [ -f "data/schemas/$name.item.v$version.json" ] || lacks "$name has no data/schemas/$name.item.v$version.json"
            [ -f "tests/golden/entry/$name.item.v$version.json" ] || lacks "$name has no tests/golden/entry/$name.item.v$version.json: make update-kinds"
            ;;
        OPAQUE) items='as they came' ;;
        *) lacks "$name has no row in src/ledger/items.def" ;;
        esac
    fi
    case $signer in
    OFFICE) signer='the office' ;;
    USER) signer='a person' ;;
    ANY) signer='either' ;;
    *) signer=$(tr '[:upper:]' '[:lower:]' <<<"$signer") ;;
    esac
    echo "| [$name](../data/schemas/$file.json) | $version | $signer | $(title "$file") | $items |"
}

cat <<'PAGE'
# Kinds of entries

Each entry of the ledger is of a kind and a version, a row of `src/ledger/kinds.def`. What its `data` may say is a JSON
Schema (draft 2020-12) of that kind and version in `data/schemas`, which is embedded in the program: an entry that does
not fit is never signed, and one that somebody signed all the same is named by `aforo verify`. An entry and an item of
each stand byte for byte in `tests/golden/entry`. A row is never edited: a change of meaning is a new version beside it.

The schemas keep to the subset that stands in `src/ledger/schema.h`; any validator for draft 2020-12 reads them (the
tests ask one that is not ours about each schema, each golden entry, and thousands of changed ones). Our own works on
the canonical text in one pass; it also refuses what is not canonical (RFC 8785).

`make update-kinds` writes this page and the golden bytes.

| kind | version | signed by | what it records | its items |
| --- | --- | --- | --- | --- |
PAGE
while IFS=, read -r name version signer; do
    row "$name" "$version" "$signer"
done < <(sed -n 's/^KIND([a-z0-9_]*, *"\([a-z0-9_.]*\)", *\([0-9]*\), *\([A-Z]*\)).*/\1,\2,\3/p' src/ledger/kinds.def)
exit $status

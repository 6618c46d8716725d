#!/usr/bin/env bash
# Plant each kind of breach in a small tree and see lint.sh catch it, by rule, file and line. Prints TAP.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0 failed=0 jobs=${AFORO_JOBS:-$(nproc)}

# A tree that keeps every rule.
clean_tree()
{
    rm -rf "$work/tree"
    mkdir -p "$work/tree"/{src/base,src/crypto,src/store,src/ledger,src/domain,src/app,src/svc,reports,ui,drivers,firmware-adapter,data/po,tests/lint,tests/unit}
    cp "$here/../../.clang-format" "$work/tree/"
    echo '# path lines' >"$work/tree/tests/lint/limits.txt"
    printf '#!/bin/sh\nexit 0\n' >"$work/tree/good.sh"
    chmod +x "$work/tree/good.sh"
    cat >"$work/tree/src/ledger/good.c" <<'C'
#include <config.h>

#include "ledger/good.h"

#include <string.h>

#include "store/db.h"

/* sprintf(), a double, "quotes' and system() in a comment are no breach. */
const char *good(void)
{
    return _("strcpy(a, b); // double");
}
C
    cat >"$work/tree/data/po/es.po" <<'PO'
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"

msgid "strcpy(a, b); // double"
msgstr "traducido"
PO
}

# judge NUMBER RULE PLACE: lint of that case's tree fails that rule at that place, and only that rule; without a rule it passes.
judge()
{
    local out=$work/out.$1 status=0
    PO_POLICY=fail AFORO_JOBS=1 "$here/lint.sh" "$work/case.$1" >"$out" 2>&1 || status=$?
    if [ -z "$2" ]; then
        [ "$status" -eq 0 ] || return 0
    else
        [ "$status" -eq 1 ] && grep -qE "^not ok [0-9]+ - $2" "$out" && grep -qF -- "$3" "$out" &&
            [ "$(grep -c '^not ok' "$out")" -eq 1 ] || return 0
    fi
    : >"$work/good.$1"
}

# The planted tree becomes a case of its own, judged beside the next ones; a clean one takes its place.
whats=()
caught() # RULE FILE LINE WHAT
{
    number=$((number + 1))
    whats+=("$4")
    mv "$work/tree" "$work/case.$number"
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
        wait -n || :
    done
    judge "$number" "$1" "# $2:$3:" &
    clean_tree
}

# plant FILE: standard input becomes the file; C gets its first include.
plant()
{
    {
        [[ $1 != *.c ]] || printf '#include <config.h>\n'
        cat
    } >"$work/tree/$1"
}

# long_function LINES, from "{" to "}".
long_function()
{
    printf 'static void %s(void)\n{\n' "$1"
    for ((i = 0; i < $2 - 2; i++)); do
        echo '    x();'
    done
    echo '}'
}

clean_tree
caught "" "" "" "a clean tree passes"

# Each floor, including the one above it.
floors=(base crypto store ledger domain app)
above=(crypto store ledger domain app reports)
for i in "${!floors[@]}"; do
    echo "#include \"${above[i]}/x.h\"" | plant "src/${floors[i]}/bad.c"
    caught "includes go downward" "src/${floors[i]}/bad.c" 2 "${floors[i]} including ${above[i]} is caught"
done
echo '#include "ui/x.h"' | plant reports/bad.c
caught "includes go downward" reports/bad.c 2 "reports including ui is caught"
echo '#include "svc/x.h"' | plant ui/bad.c
caught "includes go downward" ui/bad.c 2 "ui including svc is caught"
echo '#include "store/x.h"' | plant drivers/bad.c
caught "includes go downward" drivers/bad.c 2 "a driver including store is caught"
echo '#include "base/x.h"' | plant firmware-adapter/bad.c
caught "includes go downward" firmware-adapter/bad.c 2 "firmware including base is caught"
echo '#include "drivers/x.h"' | plant src/domain/bad.c
caught "includes go downward" src/domain/bad.c 2 "domain including a driver is caught"

libraries=(sqlite3.h openssl/evp.h argon2.h p11-kit/pkcs11.h curses.h hpdf.h hb-subset.h png.h xlsxwriter.h)
where=(src/ledger/bad.c src/store/bad.c src/app/bad.c src/app/bad.c ui/bad.c reports/bad.c reports/out_pdf_bad.c reports/out_pdf_bad.c reports/bad.c)
for i in "${!libraries[@]}"; do
    echo "#include <${libraries[i]}>" | plant "${where[i]}"
    caught "libraries have one door" "${where[i]}" 2 "<${libraries[i]}> in ${where[i]} is caught"
done

printf '#include <stdio.h>\n#include <config.h>\n' >"$work/tree/src/base/bad.c"
caught "config.h comes first" src/base/bad.c 1 "config.h in second place is caught"

for call in strcpy strcat sprintf vsprintf gets atoi strtok system localtime asctime popen alloca setenv exit; do
    printf 'static int f(void)\n{\n    return %s(a);\n}\n' "$call" | plant src/base/bad.c
    caught "banned calls" src/base/bad.c 4 "$call() is caught"
done

echo 'static double price;' | plant src/domain/bad.c
caught "no floating point in ledger and billing" src/domain/bad.c 2 "a double in domain is caught"

long_function f 71 | plant src/base/bad.c
caught "file and function sizes" src/base/bad.c 3 "a function of 71 lines is caught"
long_function f 70 | plant src/base/bad.c
echo 'src/base/bad.c:f 71' >>"$work/tree/tests/lint/limits.txt"
caught "file and function sizes" tests/lint/limits.txt 1 "an exception that is no longer needed is caught"
long_function f 80 | plant src/base/bad.c
echo 'src/base/bad.c:f 79' >>"$work/tree/tests/lint/limits.txt"
caught "file and function sizes" src/base/bad.c 3 "a function grown past its recorded length is caught"
for ((i = 0; i < 600; i++)); do echo '/* line */'; done | plant src/base/bad.c
caught "file and function sizes" src/base/bad.c 1 "a file of 601 lines is caught"

printf '/* %s: later */\n' 'TO''DO' | plant src/base/bad.c
caught "no marks of unfinished work" src/base/bad.c 2 "a mark of unfinished work is caught"

printf 'static   int x;\n' | plant src/base/bad.c
caught "formatting" src/base/bad.c 1 "unformatted code is caught"

printf '#!/bin/sh\nexit 0\n' >"$work/tree/bad.sh"
caught "run bits" bad.sh 1 "a script without its run bit is caught"
echo text >"$work/tree/data.txt"
chmod +x "$work/tree/data.txt"
caught "run bits" data.txt 1 "a run bit without #! is caught"

plant '6980 6980' </dev/null
caught "plain file names" "6980 6980" 1 "a file that a slip left behind is caught"

# shellcheck disable=SC2016 # the planted script is meant to be wrong
printf '#!/bin/sh\ncat $1\n' >"$work/tree/bad.sh"
chmod +x "$work/tree/bad.sh"
caught "shell scripts" bad.sh 2 "an unquoted variable is caught"

# kind LINES...: a table of kinds, nothing else of theirs.
kind()
{
    printf '%s\n' "$@" >"$work/tree/src/ledger/kinds.def"
    printf 'ITEMS(x_batch, JSON)\n' >"$work/tree/src/ledger/items.def"
}
complete_kind()
{
    mkdir -p "$work/tree/data/schemas" "$work/tree/tests/golden/entry" "$work/tree/docs"
    for folder in data/schemas tests/golden/entry; do
        printf '{\n  "title": "An x"\n}\n' >"$work/tree/$folder/$1.json"
    done
}
kind 'KIND(x_made, "x.made", 1, USER)'
caught "kinds are complete" src/ledger/kinds.def 1 "a kind without schema is caught"
kind 'KIND(x_made, "x.made", 1, USER)'
complete_kind x.made.v1
rm "$work/tree/tests/golden/entry/x.made.v1.json"
caught "kinds are complete" src/ledger/kinds.def 1 "a kind without golden bytes is caught"
kind 'KIND(y_batch, "y.batch", 1, USER)'
complete_kind y.batch.v1
caught "kinds are complete" src/ledger/kinds.def 1 "a kind that does not say what its items are is caught"
kind 'KIND(x_batch, "x.batch", 1, USER)'
complete_kind x.batch.v1
caught "kinds are complete" src/ledger/kinds.def 1 "items without a schema are caught"
kind 'KIND(x_made, "x.made", 1, USER)'
complete_kind x.made.v1
caught "kinds are complete" docs/kinds.md 1 "a kind that docs/kinds.md does not list is caught"

printf '#include "base/i18n.h"\n\nconst char *f(void)\n{\n    return _("Not translated.");\n}\n' | plant src/base/bad.c
caught "catalogues are complete" src/base/bad.c 6 "an untranslated message is caught"

wait
for ((i = 1; i <= number; i++)); do
    if [ -e "$work/good.$i" ]; then
        echo "ok $i - ${whats[i - 1]}"
    else
        echo "not ok $i - ${whats[i - 1]}"
        sed 's/^/# /' "$work/out.$i"
        failed=1
    fi
done
echo "1..$number"
exit $failed

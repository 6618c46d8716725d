#!/usr/bin/env bash
# Rules that the compiler does not know. Prints TAP: one line a rule; what breaks it stands above as "# file:line: why".
# usage: lint.sh [FOLDER]      (default: the tree this script stands in; the self-test gives it planted trees)
# PO_POLICY=fail|report decides whether an untranslated message fails the rule or is only reported.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "${1:-$here/../..}" && pwd)
cd "$top"
po_policy=${PO_POLICY:-fail}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 jobs=${AFORO_JOBS:-$(nproc)}

# The files that make up the tree: what git tracks, or will; without git, all but build folders.
tree_files()
{
    if [ -e .git ] && command -v git >/dev/null; then
        git ls-files --cached --others --exclude-standard
    else
        find . -path './.git' -prune -o -path './build*' -prune -o -path './autom4te.cache' -prune -o -type f -print | sed 's|^\./||'
    fi | LC_ALL=C sort -u | while IFS= read -r f; do [ ! -f "$f" ] || printf '%s\n' "$f"; done
}

tree_files >"$work/files"
mapfile -t c_files < <(grep -E '\.(c|h|def)$' "$work/files" || :)
mapfile -t scripts < <(xargs -r -d '\n' grep -lIE '^#!.*(ba)?sh( |$)' <"$work/files" 2>/dev/null |
    while IFS= read -r f; do head -n 1 "$f" | grep -q '^#!.*sh' && printf '%s\n' "$f"; done || :)

# rule NAME COMMAND...: the command prints "file:line: why" for each breach. Rules run beside one another; rules_end tells.
names=()
rule()
{
    local at=${#names[@]}
    names+=("$1")
    shift
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
        wait -n || :
    done
    { "$@" || echo "tests/lint/lint.sh:1: the rule itself stopped"; } >"$work/found.$at" 2>"$work/said.$at" &
}

rules_end()
{
    local at
    wait
    for at in "${!names[@]}"; do
        cat "$work/said.$at" >&2
        if [ -s "$work/found.$at" ]; then
            sed 's/^/# /' "$work/found.$at"
            echo "not ok $((at + 1)) - ${names[at]}: $(wc -l <"$work/found.$at") found"
            failed=1
        else
            echo "ok $((at + 1)) - ${names[at]}"
        fi
    done
    echo "1..${#names[@]}"
}

# Each C file without comments and the contents of strings, line numbers kept, in $work/plain/.
strip_all()
{
    local f
    [ ${#c_files[@]} -gt 0 ] || return 0
    (cd "$top" && printf '%s\n' "${c_files[@]%/*}") | sort -u | (mkdir "$work/plain" && cd "$work/plain" && xargs -r -d '\n' mkdir -p)
    for f in "${c_files[@]}"; do
        [ -s "$f" ] || : >"$work/plain/$f"
    done
    awk -v to="$work/plain" -f "$here/strip.awk" "${c_files[@]}"
}
strip_all

# --- includes -------------------------------------------------------------------------------------------------------

# Floors, lowest first (ARCHITECTURE.md). A file includes its own floor and those below; drivers see base only, the
# firmware nothing of ours, src/main.c and tests everything.
floors()
{
    [ ${#c_files[@]} -gt 0 ] || return 0
    awk '
        BEGIN {
            n = split("base crypto store ledger domain app reports ui svc", order, " ")
            for (i = 1; i <= n; i++) level[order[i]] = i
            level["svc"] = level["ui"]
        }
        function floor_of_path(p) {
            if (p == "src/main.c" || p ~ /^src\/verb/ || p ~ /^tests\//) return "any"
            if (match(p, /^src\/[a-z]+\//)) return substr(p, 5, RLENGTH - 5)
            if (match(p, /^(ui|reports|drivers|firmware-adapter|data)\//)) return substr(p, 1, RLENGTH - 1)
            return "none"
        }
        FNR == 1 { mine = floor_of_path(FILENAME) }
        match($0, /^[ \t]*#[ \t]*include[ \t]*"[^"]+"/) {
            target = $0
            sub(/^[^"]*"/, "", target); sub(/".*/, "", target)
            if (mine == "any") next
            folder = target
            if (!sub(/\/.*/, "", folder)) next # of the same folder: the compiler looks there first
            if (mine == "firmware-adapter") {
                if (folder != "firmware-adapter") print FILENAME ":" FNR ": the firmware includes nothing of ours, not " target
            } else if (mine == "drivers") {
                if (folder != "drivers" && folder != "base") print FILENAME ":" FNR ": drivers see base only, not " target
            } else if (folder == "data") {
                next
            } else if (!(mine in level)) {
                print FILENAME ":" FNR ": a file outside the floors includes " target
            } else if (folder == "drivers") {
                if (mine != "svc") print FILENAME ":" FNR ": only src/svc sees drivers, not " mine
            } else if (!(folder in level)) {
                print FILENAME ":" FNR ": " target " is on no floor"
            } else if (level[folder] > level[mine] || (folder != mine && level[folder] == level[mine])) {
                print FILENAME ":" FNR ": " mine " must not include " target " (downward only)"
            }
        }' "${c_files[@]}"
}

# A library has one door.
libraries()
{
    [ ${#c_files[@]} -gt 0 ] || return 0
    awk '
        FNR == 1 { allowed = FILENAME ~ /^tests\// }
        !match($0, /^[ \t]*#[ \t]*include[ \t]*<[^>]+>/) { next }
        {
            header = $0
            sub(/^[^<]*</, "", header); sub(/>.*/, "", header)
            door = ""
            if (header ~ /^sqlite3/) door = "^src/store/"
            else if (header ~ /^openssl\//) door = "^src/crypto/"
            else if (header ~ /^(p11-kit|tss2)\//) door = "^src/crypto/"
            else if (header ~ /^argon2/) door = "^src/crypto/"
            else if (header ~ /^(ncurses|ncursesw|curses|term|panel|form|menu)(\.h|\/)/) door = "^ui/term\\.c$"
            else if (header ~ /^hpdf/) door = "^reports/[a-z_]*pdf[a-z_]*\\.[ch]$"
            else if (header ~ /^png/) door = "^reports/pdf_picture\\.c$"
            else if (header ~ /^hb[-.]/) door = "^reports/pdf_press\\.c$"
            else if (header ~ /^xlsxwriter/) door = "^reports/[a-z_]*xlsx[a-z_]*\\.[ch]$"
            if (door != "" && !allowed && FILENAME !~ door) {
                print FILENAME ":" FNR ": <" header "> is only for " door
            }
        }' "${c_files[@]}"
}

# config.h first, so that large files and the feature macros are the same everywhere.
config_first()
{
    local -a sources=()
    mapfile -t sources < <(printf '%s\n' "${c_files[@]}" | grep '\.c$' | grep -v '^firmware-adapter/' || :)
    [ ${#sources[@]} -gt 0 ] || return 0
    awk '
        FNR == 1 { seen = 0 }
        !seen && /^[ \t]*#[ \t]*include/ {
            seen = 1
            if ($0 !~ /<config\.h>/) print FILENAME ":" FNR ": <config.h> is included first"
        }' "${sources[@]}"
}

# --- code -----------------------------------------------------------------------------------------------------------

# in_plain REGEX WHY FILES-REGEX [EXCEPT-REGEX]: breaches in the stripped copies.
in_plain()
{
    local f
    for f in "${c_files[@]}"; do
        [[ $f =~ $3 ]] || continue
        [ -z "${4:-}" ] || [[ ! $f =~ $4 ]] || continue
        printf '%s\n' "$f"
    done | (cd "$work/plain" && xargs -r -d '\n' grep -nHE "$1" || :) | sed "s|^\([^:]*:[0-9]*\):|\1: $2:|"
}

banned_calls()
{
    in_plain '\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atoll|atof|strtok|system|localtime|asctime|ctime|gmtime|popen|alloca|longjmp|rand|srand)[[:space:]]*\(' \
        'banned call' '.'
    in_plain '\b(setenv|putenv|unsetenv)[[:space:]]*\(' 'only tests change the environment (and the choice of language, which gettext reads there)' '.' '^(tests/|src/base/i18n\.c$)'
    in_plain '\b(exit|_exit|abort)[[:space:]]*\(' 'libraries never end the program' '^(src|ui|reports|drivers)/' \
        '^(src/main\.c|src/base/err\.[ch])$'
}

# Money and energy are integers; nothing that is signed or billed passes through floating point.
no_floats()
{
    in_plain '\b(float|double|long double|strtod|strtof)\b' 'no floating point here' \
        '^src/(ledger|domain|store)/|^src/base/(money|quantity)'
}

marks()
{
    local words='T[O]DO|FIX[M]E|X[X]X|HA[C]K'
    xargs -r -d '\n' grep -nIE "\\b($words)\\b" /dev/null <"$work/files" | sed 's/\(:[0-9]*:\).*/\1 a mark that is not finished work/' || :
}

# Lines of each file and function above the limit, against the recorded exceptions, which may only shrink.
sizes()
{
    [ ${#c_files[@]} -gt 0 ] || return 0
    (cd "$work/plain" && awk -v file_max=600 -v function_max=70 -f "$here/sizes.awk" "${c_files[@]}") >"$work/sizes"
    awk -v recorded="$top/tests/lint/limits.txt" '
        BEGIN {
            while ((getline line < recorded) > 0) {
                if (line ~ /^#/ || line == "") continue
                split(line, f, " ")
                limit[f[1]] = f[2]
            }
        }
        {
            what = $1; lines = $2; where = $3
            seen[what] = 1
            if (!(what in limit)) print where ": " lines " lines, at most " $4
            else if (lines > limit[what]) print where ": " lines " lines, grown past the recorded " limit[what]
            else if (lines < limit[what]) print "tests/lint/limits.txt:1: " what " has " lines " lines now; lower its limit from " limit[what]
        }
        END {
            for (what in limit) if (!(what in seen)) print "tests/lint/limits.txt:1: " what " keeps to the general limit now; take its line out"
        }' "$work/sizes"
}

formatting()
{
    local tool
    tool=$(command -v clang-format-14 || command -v clang-format) || {
        echo "clang-format-14 is missing"
        return 0
    }
    printf '%s\n' "${c_files[@]}" | grep '\.[ch]$' | { xargs -r -d '\n' -n 50 -P "$jobs" "$tool" --style=file --dry-run 2>&1 || :; } |
        awk -F: '/ code should be clang-formatted / { n[$1]++ } !/ code should be clang-formatted / && / error: / { print }
            END { for (f in n) print f ":1: clang-format would make " n[f] " changes" }' | LC_ALL=C sort
}

# --- scripts, catalogues --------------------------------------------------------------------------------------------

run_bits()
{
    local f
    for f in "${scripts[@]}"; do
        [ -x "$f" ] || echo "$f:1: a script without its run bit"
    done
    while IFS= read -r f; do
        [ ! -x "$f" ] || head -c 2 "$f" | grep -q '^#!' || echo "$f:1: a run bit without #!"
    done <"$work/files"
}

# What a redirection gone wrong leaves behind has a name that nobody would give.
file_names()
{
    grep -vE '^[A-Za-z0-9._/+@-]+$' "$work/files" | sed 's/$/:1: a name of other characters than letters, digits, . _ + @ -/' || :
}

shell_scripts()
{
    [ ${#scripts[@]} -gt 0 ] || return 0
    command -v shellcheck >/dev/null || {
        echo "shellcheck is missing"
        return 0
    }
    printf '%s\n' "${scripts[@]}" |
        { xargs -r -d '\n' -n 8 -P "$jobs" shellcheck -x -P SCRIPTDIR -P "$top" -S style -e SC2317,SC2015 -f gcc || :; }
}

# Every message in the source stands translated in each catalogue.
catalogues()
{
    local po
    [ -d data/po ] || return 0
    command -v xgettext >/dev/null || {
        echo "gettext is missing"
        return 0
    }
    local -a columns
    mapfile -t columns < <(sed -n '/^XGETTEXT_COLUMNS/,/[^\\]$/p' data/data.mk 2>/dev/null | grep -o -e '--keyword=[^ ]*' || :)
    grep -E '^(src|ui|reports|drivers)/.*\.([ch]|def)$' "$work/files" |
        xgettext --from-code=UTF-8 --language=C --keyword=_ --keyword=N_ --keyword=ngettext:1,2 "${columns[@]}" --force-po \
            --files-from=- -o "$work/all.pot" 2>/dev/null
    for po in data/po/*.po; do
        [ -f "$po" ] || continue
        msgfmt --check-format --check-domain -o /dev/null "$po" 2>&1 || :
        msgmerge --quiet --no-fuzzy-matching -o "$work/merged.po" "$po" "$work/all.pot"
        msgattrib --no-obsolete --untranslated "$work/merged.po" >"$work/open.po" 2>/dev/null || :
        msgattrib --no-obsolete --only-fuzzy "$work/merged.po" >>"$work/open.po" 2>/dev/null || :
        awk -v po="$po" '/^#: / { where = $2 } /^msgid "/ && $0 != "msgid \"\"" { print (where ? where : po ":1") ": not in " po ": " substr($0, 7) }' "$work/open.po"
    done
}
catalogues_by_policy()
{
    catalogues >"$work/catalogues"
    if [ "$po_policy" = fail ]; then
        cat "$work/catalogues"
    elif [ -s "$work/catalogues" ]; then
        echo "# $(wc -l <"$work/catalogues") messages are not translated (reported only)" >&2
    fi
}

# Every kind of entry has its schema, its golden bytes and its line in docs/kinds.md, which is made from them.
kinds()
{
    [ -f src/ledger/kinds.def ] || return 0
    "$here/../lib/kinds_doc.sh" "$top" >"$work/kinds.md" 2>"$work/kinds.lacks" || :
    cat "$work/kinds.lacks"
    [ -s "$work/kinds.lacks" ] || cmp -s "$work/kinds.md" docs/kinds.md ||
        echo "docs/kinds.md:1: is not what make update-kinds writes"
}

rule "includes go downward" floors
rule "libraries have one door" libraries
rule "config.h comes first" config_first
rule "banned calls" banned_calls
rule "no floating point in ledger and billing" no_floats
rule "file and function sizes" sizes
rule "no marks of unfinished work" marks
rule "formatting" formatting
rule "run bits" run_bits
rule "plain file names" file_names
rule "shell scripts" shell_scripts
rule "kinds are complete" kinds
rule "catalogues are complete" catalogues_by_policy
rules_end
exit $failed

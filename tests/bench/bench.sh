#!/usr/bin/env bash
# Run benchmark programs, judge their lines and write them as JSON. The protocol stands in README.md beside this file.
# usage: bench.sh [--quick] [--strict] [--json FILE] PROGRAM...
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
quick=() strict=0 json=
while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=(--quick) ;;
    --strict) strict=1 ;;
    --json)
        json=${2:?--json takes a file}
        shift
        ;;
    -*)
        echo "bench.sh: unknown option $1" >&2
        exit 2
        ;;
    *) break ;;
    esac
    shift
done
if [ $# -eq 0 ]; then
    echo "no benchmark is listed in BENCHES (tests/bench/bench.mk)" >&2
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp"
export AFORO_SRCDIR=$top AFORO_BUILDDIR=$PWD AFORO_BIN=$PWD/aforo TMPDIR=$work/tmp LC_ALL=C.UTF-8
export AFORO_DATA=${AFORO_DATA:-$top/../shared/data}

# Judge one program's lines; adds "name value unit limit ratio goal verdict" to the table. Status 1 on a malformed line.
judge()
{
    awk -v table="$work/table" -v names="$work/names" '
        function number(s) { return s ~ /^-?[0-9]+(\.[0-9]+)?$/ }
        function bad(why) { printf "malformed line (%s): %s\n", why, $0 > "/dev/stderr"; failed = 1 }
        BEGIN { while ((getline line < names) > 0) seen[line] = 1 }
        /^#/ { print; next }
        NF != 6 { bad("six fields are expected"); next }
        $1 !~ /^[a-z0-9_.]+$/ || $1 in seen { bad("name"); next }
        !number($2) { bad("value"); next }
        $4 != "-" && !number($4) { bad("limit"); next }
        $5 != "-" && !number($5) { bad("ratio"); next }
        $6 != "-" && $6 !~ /^(ratio|value)[<>]=[0-9]+(\.[0-9]+)?$/ { bad("goal"); next }
        {
            seen[$1] = 1
            verdict = "reported"
            if ($6 != "-") {
                figure = $6 ~ /^ratio/ ? $5 : $2
                bound = substr($6, 8) + 0
                if (figure == "-") { bad("the goal asks for a ratio"); next }
                met = substr($6, 6, 1) == "<" ? figure + 0 <= bound : figure + 0 >= bound
                verdict = met ? "met" : "MISSED"
            }
            printf "%-34s %14s %-8s %14s %8s %-14s %s\n", $1, $2, $3, $4, $5, $6, verdict
            print $0, verdict > table ".new"
            print $1 > names ".new"
        }
        END { exit failed }'
}

failed=0
touch "$work/table" "$work/names"
for program in "$@"; do
    [[ $program == /* ]] || program=./$program
    if ! "$program" "${quick[@]}" >"$work/lines"; then
        echo "$program failed" >&2
        failed=1
    fi
    judge <"$work/lines" || failed=1
    for part in table names; do
        [ ! -f "$work/$part.new" ] || cat "$work/$part.new" >>"$work/$part"
        rm -f "$work/$part.new"
    done
done

if [ -n "$json" ]; then
    {
        cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
        commit=$(git -C "$top" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
        printf '{"machine":"%s","cores":%d,"kernel":"%s","date":"%s","commit":"%s","quick":%s,"results":[\n' \
            "${cpu//[\"\\]/}" "$(nproc)" "$(uname -r)" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$commit" \
            "$([ ${#quick[@]} -eq 0 ] && echo false || echo true)"
        awk '{
            limit = $4 == "-" ? "null" : $4
            ratio = $5 == "-" ? "null" : $5
            goal = $6 == "-" ? "null" : "\"" $6 "\""
            printf "%s{\"name\":\"%s\",\"value\":%s,\"unit\":\"%s\",\"limit\":%s,\"ratio\":%s,\"goal\":%s,\"verdict\":\"%s\"}\n",
                (NR > 1 ? "," : ""), $1, $2, $3, limit, ratio, goal, $7
        }' "$work/table"
        echo ']}'
    } >"$json"
fi

missed=$(grep -c ' MISSED$' "$work/table" || true)
echo "# $(wc -l <"$work/table") figures, $missed goals missed"
[ "$strict" -eq 0 ] || [ "$missed" -eq 0 ] || failed=1
exit $failed

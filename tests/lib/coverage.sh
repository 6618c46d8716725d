#!/usr/bin/env bash
# Branch coverage of each floor, from the unit tests of a gcov build. The lines with branches not taken are listed in
# FOLDER/coverage.txt.
# usage: coverage.sh [FOLDER]      (default: build-cov)
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top"
# shellcheck source=prepare.sh
. tests/lib/prepare.sh
folder=${1:-build-cov}
jobs=${AFORO_JOBS:-$(nproc)}
prepare_configure
prepare_folder "$folder" --enable-coverage CFLAGS=-g
find "$folder" -name '*.gcda' -delete
make -s -C "$folder" -k -j"$jobs" check-TESTS >"$folder/coverage.log" 2>&1 || echo "some tests failed: $folder/coverage.log" >&2

# A file's "taken" lines of every object, joined: a branch counts as taken when any program took it.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && find "$top/$folder" -name '*.gcda' -exec gcov -b -c -p {} + >/dev/null 2>&1)
for report in "$work"/*.gcov; do
    sed -n 's/^ *-: *0:Source://p' "$report" | head -n 1 | tr '\n' '\t'
    echo "$report"
done | sed "s|^$top/||; s|^\.\./||" | grep -E '^(src|reports|ui)/.*\.c' >"$work/list"
while IFS=$'\t' read -r source report; do
    awk -v source="$source" '
        /^ *[0-9#=*-]+\*?: *[0-9]+:/ { split($0, f, ":"); line = f[2] + 0; n = 0; next }
        /^branch / {
            taken = ($0 ~ /taken [1-9]/) ? 1 : 0
            print source, line, n++, taken
        }' "$report"
done <"$work/list" | LC_ALL=C sort | awk '
    { key = $1 " " $2 " " $3; if (!(key in taken)) { order[++n] = key } if ($4) taken[key] = 1; else taken[key] += 0 }
    END { for (i = 1; i <= n; i++) print order[i], taken[order[i]] }' >"$work/branches"

awk '$4 == 0 { print $1 ":" $2 ": branch " $3 " is never taken" }' "$work/branches" >"$folder/coverage.txt"
awk '
    {
        floor = $1
        sub(/^src\//, "", floor); sub(/\/.*/, "", floor)
        all[floor]++; took[floor] += $4
    }
    END {
        printf "%-12s %9s %9s %8s\n", "floor", "branches", "taken", "percent"
        for (f in all) printf "%-12s %9d %9d %7.1f%%\n", f, all[f], took[f], 100 * took[f] / all[f] | "sort"
    }' "$work/branches"
echo "branches never taken: $folder/coverage.txt"

#!/usr/bin/env bash
# cppcheck and clang-tidy over the program's source. Prints TAP, one line a tool and file group; slow, so only in a soak run.
# usage: analyse.sh BUILD_FOLDER      (a configured one: config.h and generated sources are read from there)
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:?usage: analyse.sh BUILD_FOLDER}" && pwd)
jobs=${AFORO_JOBS:-$(nproc)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$top"
mapfile -t sources < <(find src reports ui drivers -name '*.c' | LC_ALL=C sort)
includes=(-I"$build" -Isrc -I.)
number=0 failed=0

# verdict NAME: findings stand in $work/found.
verdict()
{
    number=$((number + 1))
    if [ -s "$work/found" ]; then
        sed 's/^/# /' "$work/found"
        echo "not ok $number - $1: $(grep -cE ':[0-9]+:[0-9]+: ' "$work/found" || :) found"
        failed=1
    else
        echo "ok $number - $1"
    fi
    echo "# count ${1// /_} ${#sources[@]} $(wc -l <"$work/found")"
}

cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --max-ctu-depth=4 -j "$jobs" \
    --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --template='{file}:{line}:{column}: {severity}: {message} [{id}]' \
    "${includes[@]}" "${sources[@]}" 2>"$work/found" || :
verdict cppcheck

# Left out: naming and style that clang-format and the lint decide; swappable parameters; conversions, which gcc's
# -Wconversion and UBSan judge more narrowly; each printf's result; and Annex K functions, which glibc does not have.
checks='-*,bugprone-*,cert-*,clang-analyzer-*,performance-*,misc-*'
checks+=',-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier,-cert-dcl37-c,-cert-dcl51-cpp'
checks+=',-bugprone-narrowing-conversions,-bugprone-implicit-widening-of-multiplication-result,-cert-err33-c'
checks+=',-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,-misc-no-recursion,-misc-unused-parameters'
# shellcheck disable=SC2016 # expanded by the inner shell
printf '%s\0' "${sources[@]}" | xargs -0 -n 1 -P "$jobs" sh -c \
    'clang-tidy-14 --quiet --checks="$1" "$4" -- -std=c11 -D_GNU_SOURCE -DAFORO_LOCALEDIR=\"x\" -DAFORO_PKGDATADIR=\"x\" -I"$2" -Isrc -I. 2>/dev/null >"$3/$(echo "$4" | tr / _).tidy" || :' \
    sh "$checks" "$build" "$work"
cat "$work"/*.tidy | grep -E '^[^ ].*:[0-9]+:[0-9]+: (warning|error):' | sed "s|^$top/||" | LC_ALL=C sort -u >"$work/found" || :
verdict clang-tidy
echo "1..$number"
exit $failed

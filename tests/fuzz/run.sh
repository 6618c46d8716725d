#!/usr/bin/env bash
# Run every fuzz target for some seconds over its kept corpus; prints TAP and a count of runs a target.
# usage: run.sh BUILD_FOLDER SECONDS [TARGET...]
# New inputs stay in BUILD_FOLDER/fuzz-work/TARGET. A crash is kept there as crash-*; copy it into the corpus with its fix.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:?usage: run.sh BUILD_FOLDER SECONDS [TARGET...]}" && pwd)
seconds=${2:?usage: run.sh BUILD_FOLDER SECONDS [TARGET...]}
shift 2
listed=${*:-$(make -s -C "$build" fuzz-list)}
read -r -a targets <<<"$listed"
if [ ${#targets[@]} -eq 0 ]; then
    echo "not ok no fuzz target is listed in FUZZERS"
    exit 1
fi
jobs=${AFORO_JOBS:-$(nproc)}

fuzz_one()
{
    local target=$1 name work log corpus runs
    name=${target##*/}
    work=$build/fuzz-work/$name
    corpus=$top/tests/fuzz/corpus/$name
    log=$build/fuzz-work/$name.log
    mkdir -p "$work"
    # libFuzzer stops in the second after the one that it is told.
    local -a options=(-max_total_time="$((seconds > 1 ? seconds - 1 : 1))" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1
        -artifact_prefix="$work/crash-" -seed="${AFORO_FUZZ_SEED:-1}")
    [ ! -f "$corpus.dict" ] || options+=(-dict="$corpus.dict")
    if [ -z "$(ls -A "$corpus" 2>/dev/null)" ]; then
        echo "not ok $name # no kept corpus in tests/fuzz/corpus/$name"
        return 0
    fi
    if (cd "$work" && AFORO_SRCDIR=$top "$build/tests/fuzz/$name" "${options[@]}" "$work" "$corpus" >"$log" 2>&1); then
        echo "ok $name"
    else
        echo "not ok $name # $(grep -m1 -E 'ERROR|runtime error|SUMMARY' "$log" || tail -n 1 "$log"); see $log"
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "# count $name ${runs:-0} $(find "$work" -maxdepth 1 -name 'crash-*' | wc -l)"
}

# A fixed work folder would grow from run to run, and old crashes would be counted again.
rm -rf "$build/fuzz-work"
mkdir -p "$build/fuzz-work"
for target in "${targets[@]}"; do
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
        wait -n || true
    done
    fuzz_one "$target" >"$build/fuzz-work/${target##*/}.tap" &
done
wait
failed=0
for target in "${targets[@]}"; do
    cat "$build/fuzz-work/${target##*/}.tap"
    ! grep -q '^not ok' "$build/fuzz-work/${target##*/}.tap" || failed=1
done
exit $failed

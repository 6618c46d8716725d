#!/usr/bin/env bash
# A real disk that fills up: a small tmpfs under an import. The error says so, the office opens again, nothing that was told to be
# durable is missing, and with room the same command finishes. tests/unit/test_fault_full.c does it at 200 offsets.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
demo=$top/data/demo
# Mounts of its own, which go when it ends.
if [ "${AFORO_FULL_INSIDE:-0}" != 1 ]; then
    if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
        echo "1..0 # SKIP only root may mount a small disk"
        exit 0
    fi
    AFORO_FULL_INSIDE=1 exec unshare -m "$0" "$@"
fi
work=$(mktemp -d)
trap 'umount "$work/disk" 2>/dev/null || true; rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

export AFORO_LANG=en
office=$work/template
# shellcheck source=data/demo/office.sh
. "$demo/office.sh"
demo_office "$work/pw" >/dev/null
zcat "$demo/readings.csv.gz" >"$work/readings.csv"
sed -i "20002,\$d" "$work/readings.csv"
import() { a --json --date 2017-03-01 import readings "$work/readings.csv" --mapping demo-readings; }

cp -a "$work/template" "$work/calm"
office=$work/calm
import >/dev/null
a report readings --format csv | cut -d, -f2-6 >"$work/readings.calm"
least=$(du -sk "$work/template" | cut -f1)
most=$(du -sk "$work/calm" | cut -f1)

mkdir "$work/disk"
for part in 1 3 5 7; do
    size=$((least + 64 + (most - least) * part / 8))
    mount -t tmpfs -o "size=${size}k" tmpfs "$work/disk"
    cp -a "$work/template" "$work/disk/office"
    office=$work/disk/office
    status=0
    import >"$work/log" 2>"$work/err" </dev/null || status=$?
    is "an import on a disk of $size KiB ends with an error" 1 "$status"
    is "which says that the disk is full" 1 "$(grep -cE 'full|No space left|MiB left' "$work/err" || true)"
    mount -o remount,size=256m "$work/disk"
    told=$(sed -n 's/.*"durable":\([0-9]*\),.*/\1/p' "$work/log" | tail -n 1)
    there=$(a report history --format csv | tail -n +2 | tail -n 1 | cut -d, -f1)
    is "entry ${told:-0}, which was told to be durable, is there" 1 "$((${told:-0} <= there))"
    status=0
    a verify --deep >/dev/null 2>&1 </dev/null || status=$?
    is "the check holds" 0 "$status"
    import >/dev/null </dev/null
    is "the same command finishes" "" \
        "$(a report readings --format csv | cut -d, -f2-6 | cmp - "$work/readings.calm" 2>&1 || true)"
    umount "$work/disk"
done
tap_end

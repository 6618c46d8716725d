#!/usr/bin/env bash
# Build every fuzz target with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer.
# usage: build.sh BUILD_FOLDER
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:?usage: build.sh BUILD_FOLDER}
clang=
for candidate in clang-14 clang; do
    if command -v "$candidate" >/dev/null; then
        clang=$candidate
        break
    fi
done
if [ -z "$clang" ]; then
    echo "build.sh: clang is missing: apt-get install clang-14 libclang-rt-14-dev" >&2
    exit 1
fi
# shellcheck source=../lib/prepare.sh
. "$top/tests/lib/prepare.sh"
cd "$top"
prepare_configure
prepare_folder "$folder" --enable-fuzzing CC="$clang" CFLAGS='-g -O1'
make -C "$folder" -j"${AFORO_JOBS:-$(nproc)}" fuzz-programs

#!/usr/bin/env bash
# Build every fuzz target with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer.
# usage: build.sh BUILD_FOLDER
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:?usage: build.sh BUILD_FOLDER}
# shellcheck source=../lib/prepare.sh
. "$top/tests/lib/prepare.sh"
cd "$top"
clang=$(prepare_clang)
prepare_configure
prepare_folder "$folder" --enable-fuzzing CC="$clang" CFLAGS='-gline-tables-only -O1'
make -C "$folder" -j"${AFORO_JOBS:-$(nproc)}" fuzz-programs

#!/usr/bin/env bash
# The group commit, where threads of one process share transactions, under ThreadSanitizer: a race is a failure. Prints TAP.
# usage: threads.sh BUILD_FOLDER
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=${1:?usage: threads.sh BUILD_FOLDER}
# shellcheck source=tests/lib/prepare.sh
. "$top/tests/lib/prepare.sh"
cd "$top"
prepare_configure
prepare_folder "$folder" CFLAGS='-g -O1 -fsanitize=thread' LDFLAGS='-fsanitize=thread'
make -C "$folder" -j"${AFORO_JOBS:-$(nproc)}" tests/unit/check_group >"$folder/threads.log" 2>&1 || {
    echo "not ok 1 - check_group builds with ThreadSanitizer # see $folder/threads.log"
    echo "1..1"
    exit 1
}
status=0
(cd "$folder" && CK_TIMEOUT_MULTIPLIER=20 TSAN_OPTIONS=exitcode=66 srcdir=$top AFORO_SRCDIR=$top AFORO_BUILDDIR=$PWD \
    tests/unit/check_group) >>"$folder/threads.log" 2>&1 || status=$?
races=$(grep -c 'WARNING: ThreadSanitizer' "$folder/threads.log" || true)
if [ "$status" = 0 ] && [ "$races" = 0 ]; then
    echo "ok 1 - the group commit has no race that ThreadSanitizer sees"
else
    echo "not ok 1 - the group commit under ThreadSanitizer # status $status, $races races; see $folder/threads.log"
    status=1
fi
echo "# count thread_races 1 $races"
echo "1..1"
exit $status

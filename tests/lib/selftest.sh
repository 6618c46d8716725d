#!/usr/bin/env bash
# The counting of test results itself: known output in, known counts out. Prints TAP.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tally.sh
. "$here/tally.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0 failed=0

# same NAME EXPECTED ACTUAL
same()
{
    number=$((number + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $number - $1"
    else
        printf 'not ok %d - %s\n# expected: %s\n# found:    %s\n' "$number" "$1" "${2//$'\n'/ | }" "${3//$'\n'/ | }"
        failed=1
    fi
}

check_log()
{
    tally_check_log unit "$1"
}

same "single checks of a Check program are counted" "pass 72 unit" \
    "$(printf 'Running suite(s): hash\n merkle\n100%%: Checks: 72, Failures: 0, Errors: 0\n' | check_log PASS)"
same "a failed check is named, the others pass" $'fail unit: a.c:9:F:case:test:0: why\npass 9 unit' \
    "$(printf '90%%: Checks: 10, Failures: 1, Errors: 0\na.c:9:F:case:test:0: why\n' | check_log FAIL)"
same "an error counts as a failure" $'fail unit: a.c:9:E:case:test:0: (after this point) Received signal 11\npass 1 unit' \
    "$(printf '50%%: Checks: 2, Failures: 0, Errors: 1\na.c:9:E:case:test:0: (after this point) Received signal 11\n' | check_log FAIL)"
same "a failure without a line of its own is still counted" $'fail unit: a check without a line of its own\npass 1 unit' \
    "$(printf '50%%: Checks: 2, Failures: 1, Errors: 0\n' | check_log FAIL)"
same "a program that crashed before its counts has failed" "fail unit: FAIL (see its .log)" \
    "$(printf 'Running suite(s): hash\n' | check_log FAIL)"
same "a leak after clean checks has failed" $'pass 3 unit\nfail unit: FAIL (see its .log)' \
    "$(printf '100%%: Checks: 3, Failures: 0, Errors: 0\nERROR: LeakSanitizer\n' | check_log FAIL)"
same "a skipped check is not a passed one" $'skip unit: vectors: AFORO_DATA is not there\npass 4 unit' \
    "$(printf '# skip vectors: AFORO_DATA is not there\n100%%: Checks: 5, Failures: 0, Errors: 0\n' | check_log PASS)"
same "a count is passed on" $'count flips 10000 0\npass 1 unit' \
    "$(printf '# count flips 10000 0\n100%%: Checks: 1, Failures: 0, Errors: 0\n' | check_log PASS)"
same "a program without checks is one test" "pass 1 unit" "$(printf 'fuzz_json: 12 inputs replayed\n' | check_log PASS)"
same "exit status 77 is a skip" "skip unit: exit status 77" "$(printf 'no\n' | check_log SKIP)"

same "TAP lines are counted" $'fail t: two\npass 2 t' \
    "$(printf 'ok 1 - one\nnot ok 2 - two\nok 3 - three\n1..3\n' | tally_tap t 1)"
same "a TAP skip is named" $'skip t: two # SKIP no tmux\npass 1 t' "$(printf 'ok 1 - one\nok 2 - two # SKIP no tmux\n' | tally_tap t 0)"
same "a plan that was not kept has failed" $'fail t: 3 tests were planned, 1 ran\npass 1 t' "$(printf '1..3\nok 1 - one\n' | tally_tap t 0)"
same "a bad exit after good lines has failed" $'fail t: exit status 1\npass 1 t' "$(printf 'ok 1 - one\n' | tally_tap t 1)"
same "a silent script is judged by its status" "pass 1 t" "$(printf 'hello\n' | tally_tap t 0)"
same "a silent script that fails has failed" "fail t: exit status 1" "$(tally_tap t 1 </dev/null)"
same "a silent script may skip" "skip t: exit status 77" "$(tally_tap t 77 </dev/null)"
same "a whole plan may be skipped" "skip t: no tmux" "$(printf '1..0 # SKIP no tmux\n' | tally_tap t 0)"

printf 'pass 3 a\nfail b: why\nskip c: why\ncount d 1 0\n' >"$work/one"
printf 'pass 4 e\n' >"$work/two"
same "files are summed" "7 1 1" "$(tally_sum "$work/one" "$work/two")"
same "the report names and ends with the counts" $'skipped: c: why\nFAILED: b: why\n7 passed, 1 failed, 1 skipped' \
    "$(tally_report "$work/one" "$work/two" || :)"
status=0
tally_report "$work/two" >/dev/null || status=$?
same "all passed: status 0" 0 "$status"
status=0
tally_report "$work/one" >/dev/null || status=$?
same "one failed: status 1" 1 "$status"
: >"$work/none"
status=0
tally_report "$work/none" >/dev/null || status=$?
same "nothing ran: status 1" 1 "$status"
mkdir "$work/build"
same "a build without any result has failed" "fail unit: no test ran" "$(tally_check "$work/build" unit)"

echo "1..$number"
exit $failed

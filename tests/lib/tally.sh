# Counting test results. Every step writes one results file; sourced by runtests and its parts (bash).
# shellcheck shell=bash
#
# Lines of a results file:   pass COUNT LABEL | fail LABEL: why | skip LABEL: why | count NAME DONE FINDINGS

# tally_sum FILE...: prints "PASSED FAILED SKIPPED".
tally_sum()
{
    cat /dev/null "$@" | awk '
        $1 == "pass" { passed += $2 }
        $1 == "fail" { failed++ }
        $1 == "skip" { skipped++ }
        END { printf "%d %d %d\n", passed, failed, skipped }'
}

# tally_report FILE...: names what failed and was skipped, then the one line of counts. Status 1 when anything failed,
# or nothing passed at all.
tally_report()
{
    local passed failed skipped
    sed -n 's/^skip /skipped: /p' /dev/null "$@"
    sed -n 's/^fail /FAILED: /p' /dev/null "$@"
    read -r passed failed skipped < <(tally_sum "$@")
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# tally_tap LABEL STATUS <TAP: results of TAP lines. A script without TAP lines is one test, judged by its status
# (77 is a skip); one whose status is not 0 although no line failed has failed as well.
tally_tap()
{
    awk -v label="$1" -v status="$2" '
        function name(s) { sub(/^(not )?ok[ 0-9]*-? */, "", s); return s == "" ? "line " NR : s }
        /^1\.\.0.*[Ss][Kk][Ii][Pp]/ { why = $0; sub(/^1\.\.0[ #]*[Ss][Kk][Ii][Pp] */, "", why); print "skip " label ": " why; seen++; next }
        /^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; next }
        /^(not )?ok( |$)/ {
            seen++
            lines++
            line = name($0)
            if (line ~ /# *[Ss][Kk][Ii][Pp]/) { print "skip " label ": " line; next }
            if (/^not /) { print "fail " label ": " line; failed++; next }
            passed++
            next
        }
        /^# count / { print "count " $3, $4, $5; next }
        END {
            if (plan > 0 && lines != plan) { print "fail " label ": " plan " tests were planned, " lines + 0 " ran"; failed++ }
            if (!seen && status == 0) { passed++ }
            if (!seen && status == 77) { print "skip " label ": exit status 77" }
            else if (status != 0 && !failed) { print "fail " label ": exit status " status }
            if (passed) { print "pass " passed " " label }
        }'
}

# tally_check BUILD_FOLDER LABEL: results of `make check` there, from the .trs and .log beside each test program.
# A Check program counts as its single checks. "# skip NAME: why" in a log is a test that did not run.
tally_check()
{
    local build=$1 label=$2 trs log result seen=0
    while IFS= read -r trs; do
        seen=1
        log=${trs%.trs}.log
        result=$(sed -n 's/^:test-result: *//p' "$trs" | head -n 1)
        tally_check_log "$label ${trs#"$build"/}" "$result" <"$log"
    done < <(find "$build/tests" "$build/ui" "$build/src" -name '*.trs' 2>/dev/null | LC_ALL=C sort)
    [ "$seen" -eq 1 ] || echo "fail $label: no test ran"
}

tally_check_log()
{
    awk -v label="${1%.trs}" -v result="$2" '
        /^[0-9]+%: Checks: / {
            split($0, f, /[:, ]+/)
            checks += f[3]; bad += f[5] + f[7]
            seen = 1
            next
        }
        # file.c:123:F:case:test:0: message
        /^[^ ]+:[0-9]+:[FE]:/ { print "fail " label ": " $0; named++; next }
        /^# skip / { sub(/^# skip /, ""); print "skip " label ": " $0; skipped++; next }
        /^# count / { print "count " $3, $4, $5; next }
        END {
            for (; named < bad; named++) { print "fail " label ": a check without a line of its own" }
            good = checks - bad - skipped
            if (seen && good > 0) { print "pass " good " " label }
            if (!seen && result == "PASS") { print "pass 1 " label }
            if (!seen && result == "SKIP" && !skipped) { print "skip " label ": exit status 77" }
            if (result !~ /^(PASS|SKIP)$/ && bad == 0) { print "fail " label ": " (result == "" ? "no result" : result) " (see its .log)" }
        }'
}

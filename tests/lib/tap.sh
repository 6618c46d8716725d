# shellcheck shell=bash
# Sourced by the end-to-end scripts: results as TAP. `tap_end` is their last line.
n=0 bad=0

is() # what, wanted, got
{
    n=$((n + 1))
    if [ "$2" = "$3" ]; then
        echo "ok $n - $1"
    else
        bad=$((bad + 1))
        echo "not ok $n - $1: wanted '$2', got '$3'"
    fi
}

tap_end() # the plan, and the script's status
{
    echo "1..$n"
    [ "$bad" -eq 0 ]
}

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

# How many entries the ledger of the script's office has.
height() { sqlite3 "${work:?}/office/office.db" 'SELECT max(seq) FROM entry'; }

# The same but for those that say that somebody may not.
acts() { sqlite3 "${work:?}/office/office.db" "SELECT count(*) FROM entry WHERE payload ->> 'kind' <> 'access.refused'"; }

refused() # WHAT WORD COMMAND...: it fails, says WORD, and records nothing but the refusal
{
    local what=$1 word=$2 before
    shift 2
    before=$(acts)
    if "$@" >"$work/out" 2>"$work/err"; then
        is "$what" refused "it was done"
    elif grep -q -- "$word" "$work/err"; then
        is "$what" "$before entries" "$(acts) entries"
    else
        is "$what" "$word" "$(tail -n 3 "$work/err")"
    fi
}

tap_end() # the plan, and the script's status
{
    echo "1..$n"
    [ "$bad" -eq 0 ]
}

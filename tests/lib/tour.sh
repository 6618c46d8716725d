# shellcheck shell=bash
# A console in a private tmux, for scripts in tests/e2e: source it, then tour_start, keys, sees, and tour_end at the end.
# Prints TAP. Every wait is for text, with a deadline; nothing sleeps for luck.
command -v tmux >/dev/null || { echo "1..0 # SKIP tmux is not installed"; exit 77; }
tour_socket=aforo-tour-$$
tour_seconds=20 # a wait's deadline
n=0 bad=0

t() { tmux -L "$tour_socket" -f /dev/null "$@"; }
screen() { t capture-pane -p -t tour; }
keys() { t send-keys -t tour "$@"; }

# tour_start COLUMNS ROWS COMMAND: in a window of its own; after the command "left with STATUS" stands on the screen
tour_start()
{
    # a server without sessions ends, perhaps just as the next one is asked for
    t has-session -t keep 2>/dev/null || t new-session -d -s keep "sleep 3600"
    t kill-session -t tour 2>/dev/null || true
    t new-session -d -s tour -x "$1" -y "$2" "$3; echo left with \$?; stty -a | tr ' ' '\n' | grep -x -- '-\?icanon'; sleep 600"
}

# holds WHAT COMMAND...: one test, true when the command is
holds()
{
    local what=$1
    shift
    n=$((n + 1))
    if "$@"; then
        echo "ok $n - $what"
    else
        bad=$((bad + 1))
        echo "not ok $n - $what: not so: $*"
        screen 2>/dev/null | sed 's/^/# /' || true
    fi
}

# sees WHAT PATTERN: stands on the screen before the deadline
sees()
{
    local end=$((SECONDS + tour_seconds))
    n=$((n + 1))
    while [ $SECONDS -lt $end ]; do
        if screen 2>/dev/null | grep -qE -- "$2"; then
            echo "ok $n - $1"
            return
        fi
        sleep 0.05
    done
    bad=$((bad + 1))
    echo "not ok $n - $1: no /$2/ on the screen"
    screen | sed 's/^/# /'
}

# misses WHAT PATTERN: does not stand there now
misses() { holds "$1" tour_lacks "$2"; }
tour_lacks() { ! screen | grep -qE -- "$1"; }

# misses_soon WHAT PATTERN: is gone before the deadline
misses_soon()
{
    local end=$((SECONDS + tour_seconds))
    n=$((n + 1))
    while [ $SECONDS -lt $end ]; do
        if tour_lacks "$2"; then
            echo "ok $n - $1"
            return
        fi
        sleep 0.05
    done
    bad=$((bad + 1))
    echo "not ok $n - $1: /$2/ is still on the screen"
    screen | sed 's/^/# /'
}

tour_end()
{
    echo "1..$n"
    exit $((bad > 0))
}

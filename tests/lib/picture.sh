#!/usr/bin/env bash
# The pictures of the console in README.md and LEAME.md: the real program, in a terminal, with the demo office, as SVG.
# usage: picture.sh [FOLDER]     writes FOLDER/console.svg and FOLDER/console-es.svg (default: docs of this tree)
# AFORO_BIN names the program (default: build/aforo). The same program draws the same pictures: only the clock is set.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
bin=$(realpath "${AFORO_BIN:-$top/build/aforo}")
out=${1:-$top/docs}
columns=124 rows=24
work=$(mktemp -d)
socket=aforo-picture-$$
t() { tmux -L "$socket" -f /dev/null "$@"; }
trap 't kill-server 2>/dev/null || :; rm -rf "$work"' EXIT

# sees PATTERN: within 20 s
sees()
{
    local end=$((SECONDS + 20))
    while ! t capture-pane -p -t picture | grep -qE -- "$1"; do
        if [ "$SECONDS" -ge "$end" ]; then
            echo "picture.sh: no /$1/ on the screen:" >&2
            t capture-pane -p -t picture >&2
            exit 1
        fi
        sleep 0.05
    done
}

# picture LANG NAME: log in as the operator, stand on a meter that passes its limit, take the screen.
picture()
{
    t new-session -d -s picture -x "$columns" -y "$rows" \
        "LC_ALL=C.UTF-8 AFORO_LANG=$1 exec '$bin' --office '$work/demo-office' console"
    sees '^ Enter .*F10'
    t send-keys -t picture olga Tab demo-1234 Enter
    sees 'Ctrl\+P'
    t send-keys -t picture : meters Enter
    sees '9345ea11'
    t send-keys -t picture / 9345ea11 Enter
    sees ' 9345ea11-1827-4e4e-be6b-35cb0839b75f'
    t send-keys -t picture Escape
    sees 'D-008'
    sees 'feccd95f'
    t capture-pane -e -p -t picture >"$work/$2"
    t kill-session -t picture
    sed -i -E '1s/[0-9]{2}:[0-9]{2}/09:41/' "$work/$2"
    LC_ALL=C awk -v columns="$columns" -v rows="$rows" -f "$here/picture.awk" "$work/$2" >"$work/$2.svg"
    cp "$work/$2.svg" "$out/$2.svg"
    echo "$out/$2.svg"
}

AFORO_LANG=en AFORO_BIN=$bin bash "$top/data/demo/demo.sh" "$work/demo-office" >/dev/null
picture en console
picture es console-es

#!/usr/bin/env bash
# The console and its terminal: every kind that is refused or served, sizes, signals, crashes, pastes; and the terminal
# as it was before, whatever ended the program.
set -euo pipefail
bin=$(realpath "${AFORO_BIN:?}") top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=../lib/tour.sh
. "$top/tests/lib/tour.sh"
work=$(mktemp -d)
trap 't kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
ulimit -c 0

echo clave-de-prueba >"$work/pw"
"$bin" --office "$work/office" --lang en --quiet init --code TERM --name "Oficina" --currency USD --zone America/Costa_Rica \
    --locale es_CR --login ana --person "Ana" --password-file "$work/pw" >/dev/null
console="env LC_ALL=C.UTF-8 AFORO_LANG=es '$bin' --office '$work/office' console"

# The process of the console in the pane, once it is there.
pid_of()
{
    local shell
    shell=$(t display-message -p -t tour '#{pane_pid}')
    pgrep -P "$shell" -f "$work/office" || pgrep -P "$(pgrep -P "$shell" | head -n 1)" -f "$work/office"
}
given_back() { [ "$(t display-message -p -t tour '#{alternate_on}#{cursor_flag}')" = 01 ]; }
ends() # WHAT STATUS
{
    sees "$1" "left with $2"
    sees "$1: the line discipline is the old one" "^icanon"
    holds "$1: the screen and the cursor are given back" given_back
}

# --- refused, in words ---
refused=0
"$bin" --office "$work/office" console </dev/null >"$work/out" 2>&1 || refused=$?
holds "without a terminal it says so" grep -q "terminal" "$work/out"
holds "and fails" [ "$refused" -ne 0 ]
for kind in nosuch dumb ""; do
    tour_start 132 24 "env TERM='$kind' $console"
    sees "TERM \"$kind\" is refused with two ways out" "TERM=(xterm|vt100) aforo; o"
    holds "the second is plain lines" sh -c "tmux -L '$tour_socket' capture-pane -p -J -t tour | grep -q 'aforo console --plain'"
    ends "TERM \"$kind\"" 1
done
tour_start 80 24 "$console --theme loud"
sees "an unknown theme is refused and the others named" "loud.*default, dark, light"

# --- sizes ---
tour_start 80 24 "$console"
sees "the first screen" "Contraseña"
t resize-window -t tour -x 20 -y 5
sees "a window that is too small is told so" "^Aforo necesita"
t resize-window -t tour -x 1 -y 1
t resize-window -t tour -x 500 -y 200
sees "a very large one is drawn" "Contraseña"
for i in $(seq 60); do t resize-window -t tour -x $((40 + i)) -y $((10 + i % 7)); done
t resize-window -t tour -x 80 -y 24
sees "a storm of sizes is survived" "Usuario"

# --- Esc, and at once another size ---
for i in $(seq 6); do
    keys F1
    sees "help is open ($i)" "Ayuda: "
    keys Escape
    t resize-window -t tour -x $((80 + i)) -y $((24 + i % 2))
    misses_soon "Esc right before a resize is not lost ($i)" "Ayuda: "
done
t resize-window -t tour -x 80 -y 24

# --- the mouse, where it is wanted ---
tour_start 80 24 "$console --mouse"
sees "a console that listens to the mouse" "Contraseña"
password=$(screen | grep -n 'Contraseña' | cut -d: -f1)
byte=$(printf "%o" $((32 + password)))
t send-keys -t tour -l "$(printf '\033[M *%b' "\\0$byte")"
cursor_at() { [ "$(t display-message -p -t tour '#{cursor_y}')" = "$1" ]; }
for i in $(seq 100); do cursor_at $((password - 1)) && break; sleep 0.05; done
holds "a click goes to its line" cursor_at $((password - 1))
tour_start 80 24 "$console"
sees "and one that does not" "Contraseña"

# --- a paste is text, never a command ---
printf 'an\na\033[2J\t' >"$work/paste"
t load-buffer "$work/paste"
t paste-buffer -p -t tour
sees "a paste with a line break and an escape sequence is a line of text" '\[an a +\]'
misses "and sends nothing" "Comprobando"
keys C-u

# --- stopped and going on ---
kill -TSTP "$(pid_of)"
for i in $(seq 100); do [ "$(ps -o state= -p "$(pid_of)")" = T ] && break; sleep 0.05; done
holds "SIGTSTP stops it" [ "$(ps -o state= -p "$(pid_of)")" = T ]
holds "with the screen given back" given_back
kill -CONT "$(pid_of)"
sees "SIGCONT brings the screen back" "Contraseña"

# --- what ends it ---
keys F10
ends "F10" 0
for signal in TERM HUP INT; do
    tour_start 80 24 "$console"
    sees "a console to end by SIG$signal" "Contraseña"
    kill -"$signal" "$(pid_of)"
    ends "SIG$signal" 0
done
tour_start 80 24 "$console"
sees "a console to crash" "Contraseña"
kill -ABRT "$(pid_of)"
ends "a crash" 134

# A terminal that is gone without a signal: the process does not stay behind, nor does it turn in a circle.
tour_start 80 24 "setsid -w $console"
sees "a console of no session" "Contraseña"
gone=$(pgrep -f "$work/office' console|$work/office console" | while read -r p; do [ "$(cat "/proc/$p/comm")" = aforo ] && echo "$p"; done)
t kill-session -t tour
ended() { for i in $(seq 100); do kill -0 "$1" 2>/dev/null || return 0; sleep 0.05; done; return 1; }
holds "there is one" [ -n "$gone" ]
holds "it ends when its terminal is gone" ended "$gone"

# --- lesser terminals ---
tour_start 80 24 "env LC_ALL=C LANG=C AFORO_LANG=es TERM=vt100 '$bin' --office '$work/office' console"
sees "a terminal without UTF-8 gets ASCII" "Contrasena"
holds "and nothing else" tour_lacks '[^ -~]'
tour_start 80 24 "env NO_COLOR=1 $console"
sees "NO_COLOR is drawn too" "Contraseña"
colours() { t capture-pane -p -e -t tour | grep -q "$(printf '\033')\[[0-9;]*[34][0-7;]"; }
no_colours() { ! colours; }
holds "without a colour" no_colours
tour_start 80 24 "env -u NO_COLOR TERM=xterm-256color $console"
sees "a colour terminal" "Contraseña"
holds "has colours" colours
tour_end

#!/usr/bin/env bash
# A tour of the console in a real terminal: log in, look through the meters, filter, record a reading that is accepted and one
# that is held, change the language, leave. Every wait is for text, with a deadline; nothing sleeps for luck.
set -euo pipefail
bin=$(realpath "${AFORO_BIN:?}") top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=../lib/tour.sh
. "$top/tests/lib/tour.sh"
work=$(mktemp -d)
trap 't kill-server 2>/dev/null || true; rm -rf "$work"' EXIT

echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$work/office" --lang en --quiet "$@" >/dev/null; }
a init --code TOUR --name "Oficina de prueba" --currency USD --zone America/Costa_Rica --locale es_CR \
    --login ana --person "Ana" --password-file "$work/pw"
a login --user ana --password-file "$work/pw"
a user add olga --person "Olga" --roles operator --password-file "$work/pw"
a tariff publish "$top/data/tariffs/doc07-water.json"
from=$(date -d '40 days ago' +%F)
for i in 1 2 3 4 5 6; do
    a meter add "W-000$i" --kind water --unit m3 --digits 5 --decimals 1 --account "C$i" --customer "Cliente Ñandú $i" \
        --place "Calle $i, 1.º B" --tariff doc07-water --installed "$from" --initial 100 --limit 30
done

tour_start 100 30 "LC_ALL=C.UTF-8 AFORO_LANG=es '$bin' --office '$work/office' console"
sees "the first screen asks who is there" "Contraseña"
keys olga Tab wrong-password Enter
sees "a wrong password is refused in words" "user or password is wrong|usuario o"
keys C-u clave-de-prueba Enter
sees "who works at the counter begins there" "Basta una parte"
keys : meters Enter
sees "the meters are listed" "W-0006"
sees "with the place, accents intact" "Calle 1, 1\.º B"
keys Down Down
sees "the detail follows the selected row" "├─ W-0003 ─"
# Of the console, threads that answer included: a frame is one write, where ncurses alone makes a dozen.
writes() { awk '$1 == "syscw:" { print $2 }' "/proc/$(pgrep -n -f "^$bin --office $work/office console")/io"; }
before=$(writes)
for i in 4 3 4 3 4 3 4 3; do
    if [ "$i" = 4 ]; then keys Down; else keys Up; fi
    sees "and again ($i)" "├─ W-000$i ─"
done
holds "a frame is sent in one write ($(($(writes) - before)) for 8 keys)" [ "$(($(writes) - before))" -le 40 ]
keys / W-0005 Enter
sees "a filter narrows the list and stays visible" "Filtro: W-0005 .* 1 de 6"
misses "filtered rows are gone" "W-0002"
keys F2
sees "the entry form shows the last value" "100,0"
keys 112.5
sees "consumption is shown before saving" "12,5"
keys Enter
sees "the reading is accepted" "aceptada|accepted"
keys Escape
sees "back on the list, with the new value" "112,5"
keys F2
sees "the form again" "Registrar lectura"
keys 90
sees "a falling register names its rule before it is saved" "decrease|baj|menor|retrocede"
keys Enter
sees "and is asked about once more" "otra vez|again"
keys Enter
sees "and is held for a supervisor" "✓ .*W-0005"
keys Escape
sees "the list again" "Ubicación"
keys y
sees "a row is copied" "portapapeles"
holds "into tmux's buffer" sh -c "tmux -L '$tour_socket' show-buffer | grep -q '^W-000[56].*1.º B'"
keys u
sees "what somebody else must undo says so" "se deshace con"
keys Space
sees "a row is marked" "1 marcada"
keys Escape
misses_soon "Esc takes the mark away" "marcada"
keys C-x
sees "the console locks" "Bloqueada"
misses "and hides what was open" "W-000"
keys q "?" wrong Enter
sees "a wrong password does not open it" "usuario o|user or"
misses "and shows nothing" "W-000"
sleep 1.2 # the wait after a wrong password
keys clave-de-prueba Enter
sees "the right one brings the list back" "W-0005"
keys k
keys F9
sees "the language changes at run time" "Meters"
keys "?"
sees "help lists the keys of the screen" "Help|Keys"
keys Escape
sees "help closes" "F6 Sort"
t resize-window -t tour -x 60 -y 16
sees "a smaller window still shows the selected meter" "W-0005"
t resize-window -t tour -x 132 -y 43
sees "a larger one too" "W-0005"
keys F10
sees "leaving asks or leaves, and the terminal is given back" "left with 0|y/n|\[y|leave|Leave"
keys y
sees "the program has ended well" "left with 0"
"$bin" --office "$work/office" verify --deep >/dev/null
held=$("$bin" --office "$work/office" report held --format csv | tail -n +2 | wc -l)
holds "what was typed is on the ledger" [ "$held" -ge 1 ]
tour_end

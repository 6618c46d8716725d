#!/usr/bin/env bash
# The kiosk in a real terminal: an account by its PIN, what it shows, a reading and a dispute, a receipt to the printer; and no key,
# sequence, paste, size or signal that a terminal can send leaves it.
set -euo pipefail
bin=$(realpath "${AFORO_BIN:?}") top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=../lib/tour.sh
. "$top/tests/lib/tour.sh"
work=$(mktemp -d)
trap 't kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
ulimit -c 0

echo clave-de-prueba >"$work/pw"
echo 271828 >"$work/pin"
echo '{"readings": true}' >"$work/policy.json"
a() { "$bin" --office "$work/office" --lang en --quiet --yes "$@" >>"$work/made"; }
a init --code KIO --name "Aguas de Prueba" --currency USD --zone America/Costa_Rica --locale es_CR --login ana --person "Ana" \
    --password-file "$work/pw"
a login --user ana --password-file "$work/pw"
a user add quiosco --person "Quiosco" --roles customer --password-file "$work/pw"
a user roles ana --roles administrator,operator
a tariff publish "$top/data/tariffs/doc07-water.json"
from=$(date -d '40 days ago' +%Y-%m-01)
next=$(date -d "$from +1 month" +%F)
for i in 1 2; do
    a meter add "W-000$i" --kind water --unit m3 --digits 5 --decimals 1 --account "C$i" --customer "Rosa Ñandú" \
        --place "Calle $i" --tariff doc07-water --installed "$from" --initial 100 --limit 30
    a reading add "W-000$i" 12"$i".0 --time "$next 00:00"
done
a bill run "${from%-01}"
a drawer open caja --float 100
a payment take --account C1 --amount 300
a account pin C1 --pin-file "$work/pin"
a policy set kiosk --file "$work/policy.json"
: >"$work/printer"

# --- refused, in words ---
refused=0
"$bin" --office "$work/office" --lang en kiosk --user ana --password-file "$work/pw" </dev/null >"$work/out" 2>&1 || refused=$?
holds "a person's login opens no kiosk" grep -q "roles customer" "$work/out"
holds "and is denied" [ "$refused" = 4 ]
refused=0
"$bin" --office "$work/office" --lang en kiosk --user quiosco --password-file "$work/pw" </dev/null >"$work/out" 2>&1 || refused=$?
holds "without a terminal it says so" grep -q terminal "$work/out"

# --- a customer ---
kiosk()
{
    tour_start 100 44 "env LC_ALL=C.UTF-8 AFORO_LANG=en '$bin' --office '$work/office' kiosk --user quiosco --password-file '$work/pw' --printer '$work/printer'"
}
kiosk
pid_of() { pgrep -f "$work/office.*kiosk --user quiosco" | while read -r p; do [ "$(cat "/proc/$p/comm")" = aforo ] && echo "$p"; done; }
sees "the first page" "1 +My account"
keys 1
sees "asks for a number" "Number of your account"
keys 1 Enter
sees "and a PIN" "PIN that you chose"
keys 271829 Enter
sees "a wrong one is refused" "number or PIN is wrong"
keys 0
sees "back at the first page" "1 +My account"
keys 1
sees "again" "Number of your account"
keys C1 Enter
sees "by the account's number" "PIN that you chose"
keys 271828 Enter
sees "the menu, the name masked" "Account C1 +R••• Ñ•••"
misses "the name is not shown" "andú"
keys 1
sees "its meters" "1 +W-0001"
misses "no other's" "W-0002"
keys 1
sees "use with its chart" "Last reading: 121,0"
keys 0
sees "the menu" "My bills"
keys 2
sees "its bills" "500,00 USD"
keys 1
sees "a bill is explained" "Fixed water charge: 500,00"
keys 0
sees "the menu" "My receipts"
keys 3
sees "its receipts" "Receipt 1 "
keys 1
sees "a receipt, as a copy" "COPY 1"
keys 2
sees "with its code to check" "▀"
keys 5
sees "is printed" "The receipt is printed"
holds "as ESC/POS: begun anew, cut at the end" [ "$(xxd -p "$work/printer" | tr -d '\n' | grep -c '^1b40.*1d564200$')" = 1 ]
keys 0 4
sees "a reading" "Which meter did you read"
keys 1
sees "is typed" "What the dial shows"
keys 141,0 Enter
sees "asked about" "Reading 141,0 of meter W-0001"
keys 1
sees "and taken" "W-0001: reading accepted"
keys 0 5
sees "a dispute" "Which bill"
keys 1
sees "for a reason" "Why do you not agree"
keys 2
sees "is asked about" "Open a dispute"
keys 1
sees "and opened" "dispute 1 opened"
keys 0
sees "the menu" "0 +Leave"

# --- nothing leaves it ---
pid=$(pid_of)
keys C-c C-z "C-\\" C-d C-a C-q F1 F10 F12 Escape
sees "Esc leaves the account, nothing leaves the kiosk" "1 +My account"
keys 1
sees "it goes on" "Number of your account"
keys C1 Enter
sees "PIN" "PIN that"
keys 271828 Enter
sees "open again" "Account C1"
printf '\033[2J\033]0;x\007\033[?1049l\0001112233\n\030\032' >"$work/paste"
t load-buffer "$work/paste"
t paste-buffer -t tour
t paste-buffer -p -t tour
sees "a paste of sequences leads nowhere" "Aguas de Prueba"
for size in "1 1" "20 5" "500 200" "100 44"; do
    read -r x y <<<"$size"
    t resize-window -t tour -x "$x" -y "$y"
done
for signal in INT QUIT TSTP TTIN TTOU USR1 USR2 ALRM PIPE; do kill -"$signal" "$pid"; done
holds "signals of a terminal do not end it" [ "$(pid_of)" = "$pid" ]
kill -HUP "$pid"
sees "it answers: SIGHUP wipes whatever was typed" "1 +My account"
keys 1
sees "a number" "Number of your"
keys C1 Enter
sees "a PIN" "PIN that"
keys 271828 Enter
sees "an account is open" "Account C1"
kill -HUP "$pid"
sees "SIGHUP wipes that too" "1 +My account"
misses "nothing of it stays" "C1"
keys 1
sees "a number" "Number of your"
keys C1 Enter
sees "a PIN" "PIN that"
keys 271828 Enter
sees "an account is open" "Account C1"
kill -STOP "$pid"
kill -CONT "$pid"
sees "stopped from outside and gone on: wiped" "1 +My account"
holds "it is the same process" [ "$(pid_of)" = "$pid" ]

# --- its terminal hangs up: it ends, and does not turn in a circle ---
t kill-session -t tour
ended() { for i in $(seq 100); do kill -0 "$1" 2>/dev/null || return 0; sleep 0.05; done; return 1; }
holds "a kiosk ends when its terminal is gone" ended "$pid"
kiosk
sees "and starts again" "1 +My account"
pid=$(pid_of)

# --- out of service, and the end ---
a user disable quiosco --reason "prueba"
keys 1
sees "a number" "Number of your"
keys C1 Enter
sees "a PIN" "PIN that"
keys 271828 Enter
sees "a kiosk whose user was disabled serves nobody" "out of service"
kill -TERM "$pid"
sees "SIGTERM ends it" "left with 0"
sees "the line discipline is the old one" "^icanon"
"$bin" --office "$work/office" verify --deep >/dev/null
holds "acts stand on the ledger, by the kiosk's own key" [ "$(sqlite3 "$work/office/office.db" \
    "SELECT count(*) FROM history WHERE actor = 'user:2' AND kind IN ('reading.recorded', 'dispute.opened')")" = 2 ]
holds "the PIN stands nowhere" [ "$(grep -c 271828 "$work/office/office.db")" = 0 ]
unit=$work/aforo-kiosk@tty1.service
cp "$top/data/systemd/aforo-kiosk@.service" "$unit"
if command -v systemd-analyze >/dev/null; then
    holds "systemd takes the unit" [ -z "$(systemd-analyze verify "$unit" 2>&1 | grep "^$unit" || true)" ]
fi
tour_end

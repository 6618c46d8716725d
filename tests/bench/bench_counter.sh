#!/usr/bin/env bash
# An hour at the counter, by script: 200 readings in walking order, 60 payments with change, 20 searches, through the real console in
# a terminal. Prints the keys that one of each takes, and the milliseconds from its last key to its answer on the screen (median and
# 95th percentile), seen from outside: the terminal's own share is in it.
set -euo pipefail
bin=${AFORO_BIN:?} top=${AFORO_SRCDIR:?}
command -v tmux >/dev/null || { echo "tmux is not installed" >&2; exit 1; }
readings=200 payments=60 searches=20
[ "${1:-}" != --quick ] || { readings=20 payments=6 searches=5; }
work=$(mktemp -d)
socket=aforo-counter-$$
t() { tmux -L "$socket" -f /dev/null "$@"; }
trap 't kill-server 2>/dev/null || true; rm -rf "$work"' EXIT

echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$work/office" --lang en --quiet --yes "$@" >/dev/null; }
a init --code HOUR --name "Oficina" --currency USD --zone America/Costa_Rica --locale es_CR --login ana --person Ana \
    --password-file "$work/pw"
a login --user ana --password-file "$work/pw"
a user add olga --person Olga --roles operator --password-file "$work/pw"
a tariff publish "$top/data/tariffs/doc07-water.json"
from=$(date -d '40 days ago' +%F)
for ((i = 1; i <= readings + 1; i++)); do
    a meter add "$(printf 'W-%04d' "$i")" --kind water --unit m3 --digits 5 --decimals 0 --account "C$i" --customer "Cliente $i" \
        --place "Calle $i" --tariff doc07-water --max-rate 100 --installed "$from" --initial 100 --route R-1
done
for ((i = 1; i <= payments; i++)); do a account opening "C$i" --amount 37.50; done

keys_sent=0
press() { t send-keys -t c "$@"; keys_sent=$((keys_sent + 1)); }
words() { t send-keys -t c -l "$1"; keys_sent=$((keys_sent + ${#1})); }
now_us() { local s=${EPOCHREALTIME/[.,]/}; echo "$s"; }
# answer PATTERN: wait for it, and add the milliseconds since `began` to the list of `what`
answer()
{
    local end=$((SECONDS + 30))
    until t capture-pane -p -t c | grep -qE -- "$1"; do
        [ $SECONDS -lt $end ] || { echo "no /$1/ on the screen" >&2; t capture-pane -p -t c >&2; exit 1; }
    done
    [ -z "${what:-}" ] || echo $((($(now_us) - began) / 100)) >>"$work/$what"
}
figures()
{
    sort -n "$work/$1" | awk -v name="counter.$1" -v keys="$2" '{ v[NR] = $1 / 10 } END {
        printf "%s.keys %s keys - - -\n%s.median %.1f ms - - -\n%s.p95 %.1f ms - - -\n", name, keys, name, v[int((NR + 1) / 2)],
            name, v[int(NR * 0.95 + 0.999)] }'
}

t new-session -d -s c -x 100 -y 30 "LC_ALL=C.UTF-8 AFORO_LANG=en '$bin' --office '$work/office' console"
answer "Password"
t send-keys -t c olga Tab clave-de-prueba Enter
answer "Type what the customer says"
t send-keys -t c : meters Enter
answer "W-0001"

# ---- readings: value, Enter, the next one stands there
t send-keys -t c F2
answer "Enter a reading|Save and next"
answer "W-0001"
keys_sent=0
for ((i = 1; i <= readings; i++)); do
    words "$((200 + i % 50))"
    answer "Use [0-9]"
    what=reading began=$(now_us)
    press Enter
    answer "$(printf 'Meter +W-%04d' $((i + 1)))"
    what=
done
reading_keys=$(awk -v k=$keys_sent -v n=$readings 'BEGIN { printf "%.1f", k / n }')
t send-keys -t c Escape
answer "F4 Filter"

# ---- searches: what she says, Enter, her account
t send-keys -t c b
answer "Type what the customer says"
keys_sent=0
for ((i = 1; i <= searches; i++)); do
    what=search began=$(now_us)
    words "cliente $i"
    answer "▶C$i "
    what=
    press Enter
    answer "Balance|Credit"
    press Escape
    answer "Look for"
done
search_keys=$(awk -v k=$keys_sent -v n=$searches 'BEGIN { printf "%.1f", k / n }')

# ---- payments: her account, the cash, Enter, the receipt
t send-keys -t c -l C1
answer "▶C1 "
t send-keys -t c F5
answer "Cash given"
t send-keys -t c C-o
answer "drawer open"
t send-keys -t c Enter
answer "drawer olga opened"
t send-keys -t c Escape
answer "Look for"
t send-keys -t c C-u
answer "Type what the customer says"
keys_sent=0
for ((i = 1; i <= payments; i++)); do
    words "C$i"
    answer "▶C$i "
    press F5
    answer "\[37,50"
    words 40
    answer "Change 2,50"
    what=payment began=$(now_us)
    press Enter
    answer "Receipt $i "
    what=
    press Escape
    answer "Look for"
done
payment_keys=$(awk -v k=$keys_sent -v n=$payments 'BEGIN { printf "%.1f", k / n }')
echo "# $readings readings, $searches searches, $payments payments through tmux; keys include what is typed"
figures reading "$reading_keys"
figures search "$search_keys"
figures payment "$payment_keys"

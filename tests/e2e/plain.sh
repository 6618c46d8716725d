#!/usr/bin/env bash
# The console in lines of text, typed by a program as a screen reader's user would: log in, filter, record a reading that is held and
# is asked about, one with a file, print a receipt, mark and set limits, undo, leave. No terminal is needed.
set -euo pipefail
bin=$(realpath "${AFORO_BIN:?}") top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0 bad=0
says() # WHAT PATTERN FILE
{
    n=$((n + 1))
    if grep -qE -- "$2" "$3"; then echo "ok $n - $1"; else bad=$((bad + 1)); echo "not ok $n - $1: no /$2/"; sed 's/^/# /' "$3"; fi
}

echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$work/office" --lang en --quiet "$@" >/dev/null; }
a init --code TOUR --name "Oficina de prueba" --currency USD --zone America/Costa_Rica --locale es_CR \
    --login ana --person "Ana" --password-file "$work/pw"
a login --user ana --password-file "$work/pw"
a user add luis --person "Luis" --roles operator,supervisor --password-file "$work/pw"
a tariff publish "$top/data/tariffs/doc07-water.json"
from=$(date -d '40 days ago' +%F)
for i in 1 2 3; do
    a meter add "W-000$i" --kind water --unit m3 --digits 5 --decimals 1 --account "C$i" --customer "Cliente $i" \
        --place "Calle $i, 1.º B" --tariff doc07-water --installed "$from" --initial 100 --limit 30
done
plain() # OUTPUT OPTION...
{
    local out=$1
    shift
    LC_ALL=C.UTF-8 AFORO_LANG=en timeout 60 "$bin" --office "$work/office" console --plain "$@" >"$out" 2>&1
}

printf '%s\n' luis wrong-password >"$work/in"
plain "$work/out" <"$work/in"
says "a wrong password is refused in words" "wrong" "$work/out"
sleep 1.2 # the wait after it

{
    printf '%s\n' luis clave-de-prueba :meters .f2 112.5
    printf '\n'              # Enter saves
    printf '%s\n' .esc 5 .. .f10 # to line 5, and how it works
} >"$work/in"
plain "$work/out" <"$work/in"
{
    printf '%s\n' ana clave-de-prueba :meters .space .space .L 27.5
    printf '\n%s\n' .y # Enter, and yes
    printf '%s\n' .u .esc .f10
} >"$work/in"
plain "$work/many" <"$work/in"
cat "$work/many" >>"$work/out"
# a file with a reading, by a path that begins with a point; a receipt on paper; a plot as figures
echo "el dial dice 103,5" >"$work/nota.txt"
: >"$work/paper"
a login --user luis --password-file "$work/pw"
a drawer open caja-1
a payment take C1 5 --method cash
{
    printf '%s\n' luis clave-de-prueba :meters W-0003 .down .f2 103.5 .f7 ./nota.txt
    printf '\n\n%s\n' .esc             # Enter twice: it doubts the value
    printf '%s\n' :payments '' .i .f10 :payments yes
} >"$work/in"
(cd "$work" && plain "$work/paper-out" --printer "text:$work/paper" <"$work/in")
says "a file by a path that begins with a point" "Evidence . \[\./nota.txt" "$work/paper-out"
says "it stands with the reading" "attachment 1 of reading" "$work/paper-out"
grep -c "There is no such key" "$work/paper-out" >"$work/refused" || true
says "at a question, a line that is no answer is refused too" "^2$" "$work/refused"
says "the receipt is printed" "receipt 1 printed on $work/paper" "$work/paper-out"
says "on paper" "C1" "$work/paper"
says "the user is asked for" "^At [0-9]+: User" "$work/out"
says "the meters are numbered lines" "^ ?[0-9]+  .?W-0003 . Calle 3, 1\.º B" "$work/out"
says "the form of a reading opens" "Enter a reading|Record a reading|New reading" "$work/out"
says "consumption is said before it is saved" "12,5" "$work/out"
says "a number goes to its line" "^At 5: ▶" "$work/out"
says "the keys are told" "^  \.F4  Show the meters" "$work/out"
says "rows are marked" "marked" "$work/out"
says "and what will be recorded is said" "for each of 2 rows" "$work/out"
says "and how many were" "Recorded for 2 of 2" "$work/out"
says "undo opens what compensates" "This undoes entry" "$work/out"
if LC_ALL=C grep -q "$(printf '\033')" "$work/out"; then bad=$((bad + 1)); echo "not ok $((n += 1)) - control sequences"; else echo "ok $((n += 1)) - no control sequence is sent"; fi
manual=$("$bin" --office "$work/office" report readings --format csv | grep -c ',manual' || true)
n=$((n + 1))
if [ "$manual" -ge 1 ]; then echo "ok $n - the reading is on the ledger"; else bad=$((bad + 1)); echo "not ok $n - no reading"; fi
"$bin" --office "$work/office" verify --deep >/dev/null
echo "1..$n"
exit $((bad > 0))

#!/usr/bin/env bash
# A tour of the console for each role, by keys alone from login to logout: the operator finds a customer, takes a payment and prints the
# receipt twice; the supervisor works the queue; billing looks at a bill, its reasons and its proof; the installer closes a work order;
# the auditor follows a row to its signed entry; the regulator writes a report; the administrator makes a user and gives a role, in a window that changes its size; the field
# reader looks for a meter over a line of 9600 baud; who may not, cannot.
set -euo pipefail
bin=$(realpath "${AFORO_BIN:?}") top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=../lib/tour.sh
. "$top/tests/lib/tour.sh"
work=$(mktemp -d)
trap 't kill-server 2>/dev/null || true; rm -rf "$work"' EXIT

echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$work/office" --lang en --quiet --yes "$@" >/dev/null; }
a init --code TOUR --name "Oficina de prueba" --currency USD --zone America/Costa_Rica --locale es_CR \
    --login ana --person "Ana" --password-file "$work/pw"
a login --user ana --password-file "$work/pw"
for who in olga:operator luis:supervisor marta:billing ines:installer aldo:auditor rut:reader rita:regulator; do
    a user add "${who%:*}" --person "${who%:*}" --roles "${who#*:}" --password-file "$work/pw"
done
as() { local who=$1; shift; a --session "$work/$who" "$@"; }
for who in olga luis; do as "$who" login --user "$who" --password-file "$work/pw"; done
a tariff publish "$top/data/tariffs/doc07-water.json"
from=$(date -d '40 days ago' +%F) read_on=$(date -d '9 days ago' +%F) until=$(date -d '8 days ago' +%F)
for i in 1 2 3; do
    a meter add "W-000$i" --kind water --unit m3 --digits 5 --decimals 0 --account "C$i" --customer "Cliente Ñandú $i" \
        --place "Calle $i, 1.º B" --tariff doc07-water --max-rate 100 --installed "$from" --initial 100 --limit 6000
    as olga reading add "W-000$i" "$((i * 3000 + 100))" --time "$read_on 09:42"
done
a bill run --from "$from" --to "$until"
as olga reading add W-0001 50
as olga reading add W-0002 60
as luis work open re-read W-0003 --reason "dial in doubt"
as luis work assign 1 --to ines

# enter WHO COLUMNS ROWS [PATTERN]: log in; the first screen is the list of meters, or what the pattern says
enter()
{
    tour_start "$2" "$3" "LC_ALL=C.UTF-8 AFORO_LANG=es '$bin' --office '$work/office' console"
    sees "$1: asked who is there" "Contraseña"
    keys "$1" Tab clave-de-prueba Enter
    sees "$1: in" "${4:-W-0003}"
}
# go NAME PATTERN: open a screen from the palette
go() { keys : ; sees "the palette opens" "Enter Ejecutar"; keys "$1" Enter; sees "$1 opens" "$2"; }
# waits SQL WANTED: the office says so before the deadline
waits()
{
    local end=$((SECONDS + tour_seconds))
    while [ "$SECONDS" -lt "$end" ] && [ "$(sqlite3 "$work/office/office.db" "$1")" != "$2" ]; do sleep 0.05; done
    [ "$(sqlite3 "$work/office/office.db" "$1")" = "$2" ]
}
leave()
{
    keys C-p
    sees "the palette opens" "Enter Ejecutar"
    keys logout Enter
    sees "logging out asks of an open drawer, or does it" "Contraseña|caja abierta"
    if screen | grep -q "caja abierta"; then keys y; fi
    sees "logged out, for the next one" "Contraseña"
    keys C-c
    sees "leaving asks or leaves" "left with 0|¿Salir"
    screen | grep -q "left with 0" || keys Tab Enter
    sees "the terminal is given back" "left with 0"
}

# ---- the operator at the counter
enter olga 80 24 "Ctrl\\+P"
sees "the counter asks what the customer says" "Basta una parte"
keys "nandu 2"
sees "accents do not matter, the account stands there" "▶C2 .*W-0002"
keys Enter
sees "the account says what is owed" "Saldo +[▲○] "
sees "and lists its bill" "Facturas"
keys p
sees "the balance stands in the amount, and no drawer is said" "No tiene ninguna caja"
keys C-o
sees "the form of the drawer" "drawer open"
keys Enter
sees "the drawer is open" "caja olga abierta|turno 1"
keys 99999
sees "the change is told while typing" "Vuelto"
keys Enter
sees "the receipt is shown, with what it paid" "Recibo 1 .*Ñandú 2"
keys i
sees "it is written, there being no printer" "recibo 1 escrito en"
keys i
sees "and printed again, as a copy" "marcado como copia 1"
holds "both papers are there, and the second one says so" grep -qiE "copia|copy" "$work/office/printed/receipt-1-copy-1.txt"
leave

# ---- the supervisor at the queue
enter luis 100 30
go cola "Por decidir"
sees "the reading that fell waits, with its rule and its chart" "El registro baj"
sees "the reason stands below" "Fuente:"
keys x
sees "one key rejects it" "lecturas decididas: 1"
sees "the next one is under the cursor" "▶ +1 .*W-000[12]"
keys c
sees "correcting fills the form" "correct|corregir"
keys Escape
sees "leaving asks first, or goes back" "Por decidir|sin guardar"
leave

# ---- billing and a bill
enter marta 132 43 "Trabajo de hoy"
go facturas "C3"
keys Enter
sees "a bill, with why a line is what it is" "¿Por qué"
keys v
sees "its proof holds, step by step" "Cada paso se cumple"
keys Escape
sees "back at the bill" "Lo que factura"
keys f
sees "the form of the PDF has the bill" "bill pdf"
sees "and a place for the file" "bill-pdf-[0-9]+-[0-9]+\.pdf"
keys Tab "$work/factura.pdf"
sees "the file's name is typed" "factura.pdf"
keys Enter
sees "it is written" "factura escrita|facturas escritas"
holds "the PDF is there" test -s "$work/factura.pdf"
leave

# ---- the installer and a work order
enter ines 80 24
go "work" "Órdenes de trabajo|relectura|Relectura"
keys c
sees "the form names the order" "work close"
sees "and fills its number in" "orden de trabajo\* +\[1 "
keys hecha Tab "leido otra vez"
sees "letters spell what came of it" "resultó\* +\[hech"
keys Enter
holds "the order is done" waits "SELECT state FROM work_order" "done"
sees "and the list is back" "Órdenes de trabajo"
leave

# ---- the auditor and the entry behind a row
enter aldo 80 24
go history "Lecturas decididas"
keys Enter
sees "the entry behind a row" "Lo que se registró"
keys Escape
sees "the list again, where it was" "Historial"
misses "an auditor has no key to pay" "Pagar"
keys : payment
sees "the palette offers the list of payments" "Pagos +payments"
misses "and no command to pay" "payment take"
keys Enter
sees "the list" "Pagos"
leave

# ---- the regulator: reports and history, and nothing to record
enter rita 132 43
go informes "Informes"
keys Enter
sees "the form of a report has its name" "report meters"
keys "$work/consumos.csv"
sees "the file is typed" "consumos.csv"
keys Enter
sees "it is written" "consumos.csv: [0-9]+ filas|consumos.csv: [0-9]+"
holds "the file is there" test -s "$work/consumos.csv"
keys : payment
sees "the palette offers the list of payments" "Pagos +payments"
misses "and no command to pay" "payment take"
keys Escape
misses_soon "the palette is closed" "Enter Ejecutar"
leave

# ---- the administrator: a user, roles, a limit, in a window that changes its size
enter ana 80 24
go "user add" "user add"
keys zoe Tab "Zoe Vega" Tab operator Tab clave-de-prueba Enter
holds "the user is made" waits "SELECT count(*) FROM user" 9
sees "back at the meters" "W-0003"
t resize-window -t tour -x 132 -y 43
go users "zoe"
sees "the new one stands among the users" "zoe .*Oper"
t resize-window -t tour -x 60 -y 16
sees "in a small window too" "Usuarios"
t resize-window -t tour -x 100 -y 30
go "user roles" "user roles"
keys zoe Tab operator,supervisor Enter
holds "two roles stand in the office" waits "SELECT count(*) FROM user_role WHERE user = (SELECT max(id) FROM user)" 2
sees "back at the users" "Usuarios"
go history "Roles de usuario"
sees "the act stands in the history, with who did it" "Roles de usuario.* ana"
leave

# 960 bytes a second, as they come
# shellcheck disable=SC2016
echo 'while (sysread STDIN, $b, 96) { syswrite STDOUT, $b; select undef, undef, undef, length($b) / 960 }' >"$work/line"
# ---- the field reader, over a line of 9600 baud: looks, and attaches; takes no reading
tour_start 80 24 "script -qfec \"LC_ALL=C.UTF-8 AFORO_LANG=es '$bin' --office '$work/office' console --theme mono\" /dev/null | perl '$work/line'"
sees "rut: asked who is there" "Contraseña"
keys rut Tab clave-de-prueba Enter
sees "rut: in" "W-0003"
keys / W-0002 Enter
sees "finds the meter of the route" "1 de 3"
keys Enter
sees "the meter with its place" "─ Lecturas ─"
keys Escape
sees "back at the list" "Filtro: W-0002"
misses "a field reader's console has no key to record a reading" "F2 Registrar"
keys : payment
sees "the palette offers the list of payments" "Pagos +payments"
misses "nor a command to pay" "payment take"
keys Escape
misses_soon "the palette is closed" "Pagos +payments"
leave

"$bin" --office "$work/office" verify --deep >/dev/null
holds "the payment stands in the ledger once" test "$("$bin" --office "$work/office" report history --kind payment.recorded --format csv | tail -n +2 | wc -l)" = 1
tour_end

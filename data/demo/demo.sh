#!/usr/bin/env bash
# Make the demo office from real meter data: import, hold, decide, bill a year, print, report, verify.
# usage: demo.sh FOLDER     AFORO_BIN names the program. A finished office is left as it is.
set -euo pipefail
bin=${AFORO_BIN:?} office=${1:?}
demo=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
case ${AFORO_LANG:-en} in es*) lang=es ;; *) lang=en ;; esac
export AFORO_LANG=$lang
# shellcheck source=data/demo/office.sh
. "$demo/office.sh"

# say ENGLISH SPANISH
say()
{
    if [ "$lang" = es ]; then printf '      %s\n' "$2"; else printf '      %s\n' "$1"; fi
}

if [ -f "$office/summary.txt" ]; then
    say "it is there already; checking its books" "ya existe; se comprueban sus libros"
    a verify --deep >/dev/null
    exit 0
fi
case $office in */demo-office | demo-office) ;; *)
    [ ! -e "$office" ] || { say "$office is in the way; remove it" "$office estorba; bórrelo"; exit 1; } >&2 ;;
esac
rm -rf "$office" "$office.making"
pw=$(mktemp)
trap 'rm -f "$pw"' EXIT

say "office, users, tariff, ten meters" "oficina, usuarios, tarifa, diez contadores"
demo_office "$pw" >/dev/null
mkdir -p "$office/reports"

say "importing a year of hourly readings" "importando un año de lecturas horarias"
a --date 2017-03-01 import readings "$demo/readings.csv.gz" --mapping demo-readings \
    --report "$office/reports/import.csv" >"$office/reports/import.txt"

say "the supervisor decides on what was held" "el supervisor decide sobre lo retenido"
luis --date 2017-03-01 reading decide --rule decrease --class backflow --action reject \
    --reason "a few litres back: the next reading carries on" >>"$office/reports/decisions.txt" || true

say "billing twelve months" "facturando doce meses"
for month in 2016-03 2016-04 2016-05 2016-06 2016-07 2016-08 2016-09 2016-10 2016-11 2016-12 2017-01 2017-02; do
    from=$month-01
    to=$(date -u -d "$from +1 month" +%F)
    printf '%s: ' "$month"
    marta --date "$to" bill run "$month"
done >"$office/reports/billing.txt"

# What a counter and a collection do in a month: money, a complaint, a reading put right, and who does not pay.
say "a month at the counter, and who does not pay" "un mes en el mostrador, y quien no paga"
demo_month >"$office/reports/month.txt"

say "bills as PDF, workbooks as Excel" "facturas en PDF, libros en Excel"
marta bill pdf --from 2017-02-01 --output "$office/bills/" >/dev/null
marta bill pdf --output "$office/bills-of-the-year.pdf" >/dev/null
marta report bills --output "$office/reports/bills.xlsx" >/dev/null
marta report readings --output "$office/reports/readings.xlsx" >/dev/null
marta report surcharges --output "$office/reports/surcharges.xlsx" >/dev/null
marta report history --output "$office/reports/history.pdf" >/dev/null

say "verifying the ledger, rebuilding every table" "verificando el libro, reconstruyendo cada tabla"
a verify --deep >"$office/reports/verify.txt"

{
    say "Aforo demo office: users ana, olga, luis, marta; password demo-1234" \
        "Oficina de demostración de Aforo: usuarios ana, olga, luis, marta; contraseña demo-1234" | sed 's/^ *//'
    echo
    cat "$office/reports/import.txt"
    echo
    cat "$office/reports/billing.txt"
    echo
    a list surcharges
    echo
    cat "$office/reports/month.txt"
    echo
    cat "$office/reports/verify.txt"
} >"$office/summary.txt"

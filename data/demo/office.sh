# shellcheck shell=bash
# Sourced: the demo's office before anything was read. Needs $bin, $office and $demo (this folder).
# demo_office PASSWORD_FILE: makes it; `a` runs the program as the administrator, olga, luis and marta as the others.
a() { "$bin" --office "$office" --quiet "$@"; }
olga() { a --session "$office/state/session.olga" "$@"; }   # operator
luis() { a --session "$office/state/session.luis" "$@"; }   # supervisor
marta() { a --session "$office/state/session.marta" "$@"; } # billing

demo_office()
{
    local pw=$1
    printf 'demo-1234\n' >"$pw"
    a init --code ALC01 --name "Aguas de Ejemplo" --currency EUR --zone Europe/Madrid --locale es_ES \
        --login ana --person "Ana Administradora" --password-file "$pw"
    a login --user ana --password-file "$pw"
    a user add olga --person "Olga Operadora" --roles operator --password-file "$pw"
    a user add luis --person "Luis Supervisor" --roles supervisor --password-file "$pw"
    a user add marta --person "Marta Facturación" --roles billing --password-file "$pw"
    olga login --user olga --password-file "$pw"
    luis login --user luis --password-file "$pw"
    marta login --user marta --password-file "$pw"
    a --date 2016-01-01 tariff publish "$demo/../tariffs/demo-water.json"
    a mapping save demo-meters "$demo/mapping-meters.json"
    a mapping save demo-readings "$demo/mapping-readings.json"
    a --date 2016-01-01 import meters "$demo/meters.csv" --mapping demo-meters
}

# Serial number of the meter of an account.
demo_serial() { marta report meters --format csv | tr -d '\r' | awk -F, -v a="$1" '$5 == a {print $1}'; }

# March of 2017, after the last bills: two pay, one complains, one reading was wrong, one does not pay.
demo_month()
{
    local last less
    marta --date 2017-03-06 drawer open counter --float 100.00
    marta --date 2017-03-06 payment take D-002 60.00 --tendered 100.00
    marta --date 2017-03-06 payment take D-003 25.00 --method card --slip 4471
    marta receipt 1
    # The newest bill's reading of D-004 was 300 litres too high: the bill stands, a note gives them back.
    last=$(marta report readings --serial "$(demo_serial D-004)" --from 2017-02-01 --to 2017-03-01 --state accepted --format csv |
        tr -d '\r' | tail -n 1 | cut -d, -f1,4)
    less=$(awk -v v="${last##*,}" 'BEGIN {printf "%.3f", v - 0.3}')
    marta --date 2017-03-08 reading correct "${last%%,*}" --value "$less" --reason "the photo of the dial shows less" --preview
    marta --date 2017-03-08 reading correct "${last%%,*}" --value "$less" --reason "the photo of the dial shows less"
    marta --date 2017-03-09 dispute open --bill 113 --reason "nobody lived there in February"
    a --yes --date 2017-03-09 policy set collection "$demo/collection.json"
    marta --yes --date 2017-03-10 collection run
    marta --yes --date 2017-03-20 collection run
    marta --yes --date 2017-03-30 collection run
    marta --yes --date 2017-04-10 collection run --dry-run
    marta --yes --date 2017-04-10 cut order "$(demo_serial D-006)"
    luis --yes --date 2017-04-10 request approve 1
    marta list cuts
    marta list disputes
}

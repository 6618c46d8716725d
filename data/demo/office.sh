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

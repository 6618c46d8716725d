#!/usr/bin/env bash
# From a bill that is not paid to the supply that comes back: notices and their letters, a dispute that stops everything, a cut that
# others approve, the installer at the door and his papers, and money.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

export TZ=America/Costa_Rica # days are the office's
echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$work/office" --lang en --yes "$@"; }
as() { local who=$1; shift; a --session "$work/$who" "$@"; }
csv() { a report "$@" --format csv | tail -n +2 | tr -d '\r'; }
a init --code COL --name "Agua del Cobro" --currency USD --zone America/Costa_Rica --locale en_US --login ana --person Ana \
    --password-file "$work/pw" >/dev/null
a login --user ana --password-file "$work/pw" >/dev/null
while read -r login roles; do
    a user add "$login" --person "${login^}" --roles "$roles" --password-file "$work/pw" >/dev/null
    as "$login" login --user "$login" --password-file "$work/pw" >/dev/null
done <<'EOF'
olga operator
luis supervisor
sara supervisor
marta billing
iris installer
EOF
a tariff publish "$top/data/tariffs/doc07-water.json" >/dev/null
for i in 1 2 3; do
    a meter add "W$i" --kind water --unit m3 --digits 5 --decimals 0 --account "A$i" --customer "Cliente Ficticio $i" \
        --tariff doc07-water --max-rate 100 --installed "$(date -d '90 days ago' +%F)" --initial 0 >/dev/null
    as marta account opening "A$i" --amount "$((i * 10)).00" --due "$(date -d '60 days ago' +%F)" >/dev/null
done

# Any day and hour: when this test runs is not what it is about.
echo '{"notice_1": 1, "notice_2": 1, "notice_3": 1, "cut_days": 0, "minimum": 500, "from_hour": 0, "to_hour": 24, "last_weekday": 7}' >"$work/policy.json"
refused "no collection without a policy" "policy set" as marta collection run
a policy set collection "$work/policy.json" >/dev/null
before=$(csv history | wc -l)
as marta collection run --dry-run >"$work/dry"
is "a dry run names each who owes, and records nothing" "3 $before" "$(grep -c '^A[123]' "$work/dry") $(csv history | wc -l)"

# Who does not agree is not pursued.
refused "a dispute is about something" "999" as olga dispute open --reading 999 --reason "not mine"
as olga dispute open --reading "$(csv readings --serial W1 | head -n 1 | cut -d, -f1)" --reason "not my meter" >/dev/null
as marta collection run --dry-run >"$work/dry"
is "a dispute stands against a cut" dispute "$(awk '$1 == "A1" && /dispute/ {print "dispute"}' "$work/dry" | head -n 1)"
as luis dispute resolve 1 --outcome withdrawn --reason "it was the neighbour's" >/dev/null
for _ in 1 2 3; do
    as marta collection run >/dev/null
done
is "three steps to each" "1 2 3" "$(csv notices --account A1 | cut -d, -f4 | xargs)"
as marta collection run >/dev/null
is "and no fourth" 9 "$(csv notices | wc -l)"

# Letters: one a sheet, with what is owed and from when on the supply may be cut.
a notice print --step 3 -o "$work/letters.pdf" >"$work/out"
is "a letter for each of step 3" "3 3" "$(grep -o '[0-9]* letters' "$work/out" | cut -d' ' -f1) $(pdfinfo "$work/letters.pdf" | sed -n 's/^Pages: *//p')"
pdftotext -layout "$work/letters.pdf" "$work/letters.txt"
is "to whom, how much, and what follows" "1 1 3" \
    "$(grep -c 'Cliente Ficticio 2' "$work/letters.txt") $(grep -c '^Overdue and not paid yet *20.00 USD' "$work/letters.txt") $(grep -c 'may be cut from' "$work/letters.txt")"
a notice print --step 3 -o "$work/again.pdf" >/dev/null
is "the same letters are the same bytes" same "$(cmp -s "$work/letters.pdf" "$work/again.pdf" && echo same || echo other)"
refused "no letter to nobody" "list notices" a notice print --account A9 -o "$work/none.pdf"
is "and no file" no "$([ -e "$work/none.pdf" ] && echo yes || echo no)"

# Asked by one, approved by another, carried out by a third.
as marta cut order W1 >/dev/null
refused "nobody approves what he asked for" "may not" as marta request approve 1
as luis request approve 1 >/dev/null
refused "a cut is no work order of one's own" "kind" as luis work open cut W1 --reason "I say so"
work_id=$(csv work --kind cut --state pending | cut -d, -f1)
refused "who has it not carries nothing out" "not yours" as iris work begin "$work_id"
as luis work assign "$work_id" --to iris >/dev/null

# Who disagrees meanwhile is left alone until it is decided.
as olga dispute open --reading "$(csv readings --serial W1 | head -n 1 | cut -d, -f1)" --reason "not my meter" >"$work/out"
is "a dispute suspends the order and its work" "1 suspended cancelled" \
    "$(grep -c 'is suspended' "$work/out") $(csv cuts --account A1 | cut -d, -f4) $(csv work --kind cut | cut -d, -f6)"
refused "and nobody cuts" "cancelled already" as iris work begin "$work_id"
as luis dispute resolve 2 --outcome rejected --reason "it is hers" >"$work/out"
is "rejected, the order stands again" "1 ordered" "$(grep -c 'stands again' "$work/out") $(csv cuts --account A1 | cut -d, -f4)"
work_id=$(csv work --kind cut --state pending | cut -d, -f1)
as luis work assign "$work_id" --to iris >/dev/null

# Who is protected meanwhile is not cut off at the door.
a account protect A1 --until "$(date -d '30 days' +%F)" >/dev/null
refused "every protection is asked again at the door" "protected" as iris work begin "$work_id"
a account protect A1 --until "$(date -d yesterday +%F)" >/dev/null
as iris work begin "$work_id" >/dev/null
as iris work close "$work_id" --outcome "done" --result "sealed at 0" >/dev/null
is "it is cut" cut "$(csv cuts --account A1 | cut -d, -f4)"

# Papers of the field: filled in, printed, signed, attached; a wrong one is void.
as iris paper seals W1 --finding tampered --seals "S-9" --work "$work_id" >/dev/null
as iris paper calibration W1 --laboratory "bench 2" --standard "P-7" --error-nominal 0.4 --limit 2 --verdict fit \
    --due "$(date -d '5 years' +%F)" >/dev/null
refused "a meter that errs too much is not fit" "beyond the limit" as iris paper calibration W1 --laboratory "bench 2" --standard "P-7" --error-nominal -2.01 \
    --limit 2 --verdict fit --due "$(date -d '5 years' +%F)"
as iris paper seals W1 --finding missing --seals "S-10" >/dev/null
is "a calibration is due when the seals are found broken" "$(date +%F),tampering" "$(csv recalibration | awk -F, '$4 == "calibration" {print $6 "," $7}')"
refused "an installer takes no paper back" "may not" as iris paper void 3 --reason "wrong meter"
as luis paper void 3 --reason "wrong meter" >/dev/null
is "a void paper makes nothing due" "$(date -d '5 years' +%F),date" "$(csv recalibration | awk -F, '$4 == "calibration" {print $6 "," $7}')"
a paper 2 -o "$work/paper.pdf"
pdftotext -layout "$work/paper.pdf" "$work/paper.txt"
is "the sheet says what was filled in" "1 1 1" \
    "$(grep -c 'Calibration record' "$work/paper.txt") $(grep -c 'bench 2' "$work/paper.txt") $(grep -c '^Iris' "$work/paper.txt")"
pdftoppm -r 40 -png "$work/paper.pdf" "$work/signed"
as iris attach "$work"/signed*.png --paper 2 >/dev/null
is "the signed sheet is attached" 1 "$(csv papers | awk -F, '$1 == 2 {print $10}')"

# Money brings the supply back, and nobody may cancel that.
as olga drawer open C1 --float 10.00 >/dev/null
as olga payment take A1 10.00 >/dev/null
back=$(csv work --kind reconnect --state pending | cut -d, -f1)
is "a payment orders the reconnection" yes "$([ -n "$back" ] && echo yes || echo no)"
refused "which cannot be cancelled" "cannot be cancelled" as luis work cancel "$back" --reason "no"

a verify --deep >/dev/null
is "the books are whole" 0 $?
tap_end

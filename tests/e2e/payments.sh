#!/usr/bin/env bash
# Money from bill to receipt: what accounts owe, payments at the counter, the drawer, reversal, refund, write-off; and that each month
# adds up.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$work/office" --lang en --yes "$@"; }
op() { a --session "$work/olga" "$@"; }
csv() { a report "$@" --format csv | tail -n +2 | tr -d '\r'; }
balance() { csv accounts --account "$1" | cut -d, -f8; }
a init --code PAY --name "Pagos" --currency USD --zone America/Costa_Rica --locale en_US --login ana --person Ana \
    --password-file "$work/pw" >/dev/null
a login --user ana --password-file "$work/pw" >/dev/null
a user add olga --person Olga --roles operator --password-file "$work/pw" >/dev/null
a user add beto --person Beto --roles operator --password-file "$work/pw" >/dev/null
a user add luis --person Luis --roles supervisor --password-file "$work/pw" >/dev/null
su() { a --session "$work/luis" "$@"; }
su login --user luis --password-file "$work/pw" >/dev/null
op login --user olga --password-file "$work/pw" >/dev/null
a tariff publish "$top/data/tariffs/doc07-water.json" >/dev/null
from=$(date -d '40 days ago' +%F) read_on=$(date -d '9 days ago' +%F) until=$(date -d '8 days ago' +%F)
for i in 1 2 3 4; do
    a meter add "W$i" --kind water --unit m3 --digits 5 --decimals 0 --account "A$i" --customer "Cliente $i" \
        --tariff doc07-water --max-rate 100 --installed "$from" --initial 0 --limit 6000 >/dev/null
    op reading add "W$i" "$((i * 10))" --time "$read_on 09:42" >/dev/null
done

# What came from elsewhere, and a prepayment before the first bill.
a account opening A1 --amount 120.00 --due 2025-01-31 >/dev/null
a account opening A2 --amount -30.00 >/dev/null
refused "a second opening balance" "note" a account opening A1 --amount 5
refused "cash without a drawer" "drawer open" op payment take A3 10.00
op drawer open C1 --float 50.00 >/dev/null
refused "a drawer in two hands" "C1" a drawer open C1
op payment take A3 600.00 --tendered 1000 >"$work/out"
is "change is told, the rest is credit" 1 "$(grep -c 'change 400.00 USD; 600.00 USD stays as credit' "$work/out")"
a bill run --from "$from" --to "$until" >/dev/null
is "bills are owed" "620.00 470.00 -100.00 500.00" "$(balance A1) $(balance A2) $(balance A3) $(balance A4)"
is "a prepayment pays the bill" "paid,0.00" "$(csv bills --account A3 | cut -d, -f10,11)"
is "credit from elsewhere is laid on it" 470.00 "$(csv bills --account A2 | cut -d, -f11)"
entries=$(height)
a bill run --from "$from" --to "$until" >/dev/null
is "billing again bills nobody twice" "$entries" "$(height)"

# Partial, oldest first, named, card, another currency.
op payment take A1 150.00 >/dev/null
is "the oldest debt first" "0.00 470.00" "$(csv statement --account A1 | awk -F, '$3 == "opening" || $3 == "bill" {print $8}' | xargs)"
op payment take A1 70.00 --method card --slip 777-1 --bills 1 >/dev/null
refused "a slip pays once" "receipt" op payment take A1 70.00 --method card --slip 777-1
op payment take A4 12.00 --key form-9 >/dev/null
refused "a key pays once" "form-9" op payment take A4 12.00 --key form-9
refused "card without slip" "--slip" op payment take A1 1 --method card
op payment take A4 100.00 --currency EUR --tendered 100 --rate 1.085 >"$work/out"
is "a tender in another currency" 1 "$(grep -c 'change 8.50 USD' "$work/out")"
is "both amounts and the rate are kept" "EUR|10000|1.085|850" "$(sqlite3 "$work/office/office.db" \
    "SELECT tender_currency, tendered, rate, change FROM payment WHERE tender_currency = 'EUR'")"
# Receipts: 80 mm, 58 mm and A4; the second one is a copy, and the code on it is the office's.
op receipt 1 >"$work/original.txt"
is "the first print is the original" "0 1" "$(grep -c COPY "$work/original.txt") $(grep -c '^Change  *400.00 USD$' "$work/original.txt")"
op receipt 1 --columns 32 -o "$work/copy.txt" >/dev/null
is "a reprint says so" "1 32" "$(grep -c 'COPY 1' "$work/copy.txt") $(wc -L <"$work/copy.txt")"
op receipt 1 -o "$work/copy.pdf" >"$work/out"
is "the same in Spanish and as a PDF" "1 1" "$(grep -c 'copy 2' "$work/out") $("$bin" --office "$work/office" --session "$work/olga" \
    --lang es receipt 1 --format pdf | pdftotext - - | grep -c 'COPIA 3')"
pdftotext -layout "$work/copy.pdf" - >"$work/page.txt"
is "each amount stands on the paper: paid, left as credit, the balance" "1 3 1" "$(for amount in 1,000.00 600.00 400.00; do grep -c " $amount USD" "$work/page.txt"; done | xargs)"
spki=$(a key export "$(sqlite3 "$work/office/office.db" "SELECT lower(substr(hex(keyid), 1, 16)) FROM key WHERE purpose = 'document'")" |
    sed -n '/BEGIN/,/END/{/-----/!p}' | tr -d '\n')
pdftoppm -r 300 -png "$work/copy.pdf" "$work/page"
qr=$(zbarimg --raw -q -Sdisable -Sqrcode.enable "$work"/page-*.png 2>/dev/null)
is "its code is signed by the office" 1 "$(a check "$qr" --key "$spki" | grep -c 'receipt 1 of office PAY: 600.00 USD')"
is "... and no other amount" 1 "$(a check "${qr/600.00/900.00}" --key "$spki" 2>&1 | grep -c 'not signed')"
refused "no receipt" "receipt 99" op receipt 99
refused "an unknown paper" "text, escpos or pdf" op receipt 1 --format gif

refused "an unknown account" "A9" op payment take A9 5
refused "nothing paid" "above zero" op payment take A1 0
refused "more decimals than cents" "amount" op payment take A1 1.23456
refused "a bill of somebody else" "no bill 2" op payment take A1 5 --bills 2
a customer add --name Otro >/dev/null
a account open A5 --customer 5 >/dev/null
a account close A5 >/dev/null
refused "a closed account" "closed" op payment take A5 5
a account open A6 --customer 5 >/dev/null
a account opening A6 --amount 5 >/dev/null
refused "closing what still owes" "owes" a account close A6

# Reversal, refund, write-off.
is "an operator reverses nothing" 1 "$(op payment reverse 2 --reason x 2>&1 | grep -c 'may not')"
refused "cash goes back out of a drawer" "drawer" a payment reverse 2 --reason "wrong account"
a drawer open C2 --float 200 >/dev/null
a payment reverse 2 --reason "wrong account" >/dev/null
refused "once" "already" a payment reverse 2 --reason again
is "both legs stand, the debt is owed again" "550.00 120.00 430.00" \
    "$(balance A1) $(csv statement --account A1 | awk -F, '$3 == "opening" || $3 == "bill" {print $8}' | xargs)"
is "credit can be refunded, not more" 100.00 "$(balance A3 | tr -d -)"
refused "more than the credit" "credit of 100.00" a account refund A3 --amount 100.01 --reason left
a account refund A3 --amount 100 --reason left >/dev/null
refused "refunded money is not reversed" "refunded" a payment reverse 1 --reason x
a account write-off A1 --amount 120 --reason "cannot be found" >/dev/null
refused "no more than is owed" "owes only" a account write-off A1 --amount 1000 --reason x
is "written off" "430.00 0.00" "$(balance A1) $(csv statement --account A1 | awk -F, '$3 == "opening" {print $8}')"

# The drawer: handed over, counted, closed.
op drawer move out 100 --reason "to the bank" >/dev/null
refused "not more than is in it" "holds only" op drawer move out 100000 --reason x
refused "a difference needs its reason" "difference of -2.00" op drawer hand-over beto --counted 810.00
op drawer hand-over beto --counted 810.00 --reason "wrong change" >"$work/out"
is "the count is against what was expected" "812.00,810.00,-2.00" "$(csv drawers | sed -n 1p | cut -d, -f6-8)"
refused "the first hands are empty" "no cash drawer" op payment take A4 1
b() { a --session "$work/beto" "$@"; }
b login --user beto --password-file "$work/pw" >/dev/null
b payment take A4 8.00 >/dev/null
b drawer close --counted 818 >"$work/out"
is "the next shift starts with the count" "818.00,818.00,0.00" "$(csv drawers | sed -n 3p | cut -d, -f6-8)"

# Notes, a cancelled bill, a reading corrected after it was billed.
a note issue credit --bill 4 --amount 20 --reason goodwill >/dev/null
refused "one credit note a bill" "credit note 1" a note issue credit --bill 4 --amount 1 --reason again
refused "not more than the bill" "only 500.00" a note issue credit --bill 2 --amount 500.01 --reason x
refused "a bill with notes is not cancelled" "notes already" a bill cancel 4 --reason x
refused "a bill in force is not billed again" "in force" a bill rebill 2
a bill cancel 2 --reason "wrong customer" >/dev/null
is "cancelling frees what had paid it" -30.00 "$(balance A2)"
refused "once" "cancelled already" a bill cancel 2 --reason x
a bill rebill 2 >/dev/null
is "the bill anew, the credit laid on it" "470.00 part,470.00" "$(balance A2) $(csv bills --account A2 | tail -n 1 | cut -d, -f10,11)"
refused "not a third time" "already: bill 5" a bill rebill 2
is "both stand in the history" "cancelled part" "$(csv bills --account A2 | cut -d, -f10 | xargs)"
is "the total is of the one in force" "1 1" "$(csv bills --account A2 | awk -F, '$10 == "cancelled" {void += $9 == "" && $12 > 0} $10 != "cancelled" {
    counts += $9 > 0 && $12 == ""} END {print void, counts}')"
reading=$(csv readings --serial W1 | tail -n 1 | cut -d, -f1)
is "the preview says the note and records nothing" "1 $(height)" \
    "$(a reading correct "$reading" --value 6100 --reason misread --preview | grep -c 'bill 1 of 500.00 USD: debit note of 13.20 USD') $(height)"
a reading correct "$reading" --value 6100 --reason misread >/dev/null
is "a debit note follows" "debit_note,1,1,$reading,correction,13.20" "$(csv notes --account A1 | cut -d, -f1,2,5,6,7,9)"
refused "the same reading twice" "stands already" a reading correct "$reading" --value 50 --reason x
corrected=$(csv readings --serial W1 | tail -n 1 | cut -d, -f1)
refused "nor its correction" "stands already" a reading correct "$corrected" --value 50 --reason x
refused "nor by a decision" "stands already" su reading decide "$corrected" --action reject --reason x

# Deposits, plans, late fees, a tax authority's answer.
a deposit take A2 100 --method card >/dev/null
a deposit apply 1 --amount 70 >/dev/null
refused "no more than is held" "only 30.00" a deposit return 1 --amount 31 --reason x
a deposit return 1 --reason moved >/dev/null
is "a deposit pays and goes back" "400.00 0.00" "$(balance A2) $(csv deposits | cut -d, -f6)"
refused "no part is due before the plan is made" "is past" a plan make A2 --parts 3 --first "$(date -d "2 days ago" +%F)"
a --date "$(date -d "2 days ago" +%F)" plan make A2 --parts 3 --first "$(date -d "2 days ago" +%F)" >/dev/null
refused "one plan at a time" "plan 1 already" a plan make A2 --parts 2 --first 2030-01-01
is "a part that is due and unpaid" "133.34,0.00,broken" "$(csv plans | cut -d, -f6-8)"
b drawer open C3 >/dev/null
b payment take A2 133.34 >/dev/null
is "is kept once it is paid" "133.34,133.34,kept" "$(csv plans | cut -d, -f6-8)"
echo '{"grace_days":5,"every_days":30,"fixed":150,"percent":"2"}' >"$work/fee.json"
refused "no policy, no fee" "policy set" a late-fee run
a policy set late_fee "$work/fee.json" >/dev/null
echo '{"grace_days":-5,"fixed":150}' >"$work/bad.json"
refused "a policy's fault is named" 'grace_days' a policy set late_fee "$work/bad.json"
late=$(date -d '30 days' +%F)
is "late fees, previewed" "late fees: 2 bills, 18.80 USD; a preview: nothing was recorded" \
    "$(a late-fee run --preview --date "$late" 2>&1)"
a late-fee run --date "$late" >/dev/null
entries=$(height)
a late-fee run --date "$late" >/dev/null
is "once a term" "$entries" "$(height)"
a document register credit_note 1 --external CR-000-1 --authority Hacienda >/dev/null
refused "registered once" "already" a document register credit_note 1 --external CR-2 --authority Hacienda
# The folder of a program that speaks to the authority.
a document outbox "$work/box" >"$work/out"
is "what has no answer goes out, the credit note has its own" "1 no yes" "$(grep -c 'documents wait' "$work/out") \
$([ -e "$work/box/credit_note-1.json" ] && echo yes || echo no) $([ -e "$work/box/bill-4.json" ] && echo yes)"
is "a bill as JSON" "bill 4 500.00 A4 Cliente 4" "$(jq -r '"\(.type) \(.number) \(.total) \(.customer.account) \(.customer.name)"' "$work/box/bill-4.json")"
is "its lines add up" 500.00 "$(jq -r '.lines[].amount' "$work/box/bill-4.json" | awk '{s += $1} END {printf "%.2f", s}')"
is "the same as UBL, read by another program" "1 and its totals reconcile" "$(grep -c '<Invoice ' "$work/box/bill-4.xml") \
$("$top/tests/lib/ubl_check.py" "$work/box" >"$work/out" && echo "and its totals reconcile")"
mkdir "$work/bent" && sed 's/>500.00</>500.01</' "$work/box/bill-4.xml" >"$work/bent/bill-4.xml"
sed '0,/>500.01</s//>500.00</' -i "$work/bent/bill-4.xml"
is "which would see a cent" no "$("$top/tests/lib/ubl_check.py" "$work/bent" >"$work/out" 2>&1 && echo yes || echo no)"
printf '%%PDF-1.4\n%%%%EOF\n' >"$work/box/signed.pdf"
echo '{"type":"bill","number":4,"authority":"Hacienda","external":"50626","file":"signed.pdf"}' >"$work/box/bill-4.answer.json"
echo '{"type":"bill","number":1,"authority":"Hacienda"}' >"$work/box/bill-1.answer.json"
refused_count=$(a document inbox "$work/box" 2>"$work/err" | tee "$work/out" >/dev/null; grep -c 'bill-1.answer.json: .*external' "$work/err" || true)
is "one answer is recorded, the wrong one named" "1 1 1" "$(grep -c '^1 answer recorded' "$work/out") $refused_count \
$(sqlite3 "$work/office/office.db" "SELECT count(*) FROM attachment WHERE owner = 'bill' AND owner_id = 4")"
rm "$work/box/bill-1.answer.json"
a document inbox "$work/box" >"$work/out"
is "again, nothing twice" 1 "$(grep -c '^0 answers recorded; known already: 1' "$work/out")"
rm "$work"/box/*.json "$work"/box/*.xml
a document outbox "$work/box" >/dev/null
is "what was answered does not go out again" no "$([ -e "$work/box/bill-4.json" ] && echo yes || echo no)"
a explain bill 5 >"$work/out"
is "a bill says what was owed before" 1 "$(grep -c '^Total to pay 470.00' "$work/out")"

# Each account and month: opening + bills + debit notes + reversals + refunds = payments + credit notes + write-offs + closing.
csv reconciliation >"$work/months"
is "every month of every account adds up" "" "$(awk -F, '{d = $3 + $4 + $5 + $6 + $7 - $8 - $9 - $10 - $11; if (d > 0.001 || d < -0.001) print}' "$work/months")"
is "no series of documents has a gap" "" "$(sqlite3 "$work/office/office.db" \
    "SELECT type FROM document GROUP BY type HAVING max(number) <> count(*) UNION SELECT 'bill' WHERE (SELECT max(id) <> count(*) FROM bill)")"
is "ageing adds up to the balances" "$(sqlite3 "$work/office/office.db" 'SELECT sum(amount) FROM posting')" \
    "$(csv receivables | awk -F, '{s += $9} END {printf "%d", s * 100 + 0.5}')"
is "the ledger verifies" 0 "$(a verify --deep >/dev/null 2>"$work/err" && echo 0 || { cat "$work/err" >&2; echo 1; })"
tap_end

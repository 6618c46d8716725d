#!/usr/bin/env bash
# A year of an office, month by month, on its own dates: real readings come in, are decided on, estimated where there are none, billed by cycle,
# paid through the bank, at the counter and late, dunned, disputed, corrected; after each month every table is rebuilt and every account adds up.
# Four of the demo's ten meters; with AFORO_SOAK=1 all 92 of the file, 674,019 readings.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
demo=$top/data/demo office=$work/office
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"
export AFORO_LANG=en

# shellcheck source=data/demo/office.sh
. "$demo/office.sh"
if [ "${AFORO_SOAK:-0}" = 1 ]; then
    file=${AFORO_DATA:-$top/../shared/data}/water/alicante_2016_hourly.csv.gz
    [ -f "$file" ] || { echo "1..0 # SKIP $file is not there (AFORO_DATA)"; exit 77; }
    # shellcheck source=tests/lib/alicante.sh
    . "$top/tests/lib/alicante.sh"
    alicante_demo "$file" "$work"
    zcat "$file" >"$work/all.csv"
else # the two with long gaps, and two that were read all year
    some='^(feccd95f|965950f5|a3eee6b3|05be51c3|user key|serial)'
    zcat "$demo/readings.csv.gz" | grep -E "$some" >"$work/all.csv"
    mkdir -p "$work/demo" "$work/tariffs"
    cp "$demo"/mapping-*.json "$work/demo/"
    cp "$top/data/tariffs/demo-water.json" "$work/tariffs/"
    grep -E "$some" "$demo/meters.csv" >"$work/demo/meters.csv"
    demo=$work/demo
fi
demo_office "$work/pw" >/dev/null
meters=$(($(wc -l <"$demo/meters.csv") - 1))
q() { sqlite3 "$office/office.db" "$1"; }
csv() { marta report "$@" --format csv | tail -n +2 | tr -d '\r'; }

marta --date 2016-02-20 --yes cycle set casco --routes "$(q "SELECT group_concat(DISTINCT route) FROM service_point")" >/dev/null
echo '{"accounts":["ES7921000813610123456789"]}' >"$work/bank.json"
echo '{"grace_days":3,"every_days":30,"fixed":100,"percent":"1.5"}' >"$work/fee.json"
echo '{"notice_1":3,"notice_2":20,"notice_3":40,"cut_days":10,"minimum":100,"from_hour":8,"to_hour":15,"last_weekday":5}' >"$work/collection.json"
for policy in bank:bank late_fee:fee collection:collection; do
    a --date 2016-02-20 --yes policy set "${policy%:*}" "$work/${policy#*:}.json" >/dev/null
done
a --date 2016-02-20 account opening "$(q 'SELECT number FROM account ORDER BY id LIMIT 1')" --amount 12.34 --due 2016-01-31 >/dev/null

# readings FROM TO: those of the file from the first day until before the second, as they stand there
readings()
{
    head -n 1 "$work/all.csv"
    awk -F';' -v from="$1" -v to="$2" 'NR > 1 {split($2, d, "[/ ]"); day = d[3] "-" d[2] "-" d[1]; if (day >= from && day < to) print}' "$work/all.csv"
}

# statement DAY: what accounts pay by the bank on a day, as MT940: every bill that is open, but of the last account, who pays every third
# month, and of the second, who pays a round sum on account.
statement()
{
    local day=$1 sum=0 number account id open
    printf ':20:%s\n:25:ES7921000813610123456789\n:28C:1/1\n:60F:C%s01EUR0,\n' "${day//-/}" "$(date -d "$day" +%y%m)"
    while IFS='|' read -r id number account open; do
        [ "$account" != "$meters" ] || [ $((10#$(date -d "$day" +%m) % 3)) -eq 0 ] || continue
        [ "$account" != 2 ] || open=2000
        sum=$((sum + open))
        printf ':61:%sC%d,%02dNTRFNONREF//B%s-%s\n:86:166?20EREF+%s?32Cliente\n' "$(date -d "$day" +%y%m%d)" \
            $((open / 100)) $((open % 100)) "${day//-/}" "$id" "$number"
    done < <(q "SELECT p.id, CASE p.kind WHEN 'bill' THEN substr(b.issued, 1, 4) || '-' || printf('%08d', b.id) ELSE a.number END, a.id, p.open
        FROM posting p JOIN account a ON a.id = p.account LEFT JOIN bill b ON p.kind = 'bill' AND b.id = p.ref
        WHERE p.open > 0 AND p.kind IN ('bill', 'opening') AND NOT EXISTS(SELECT 1 FROM dispute d WHERE d.bill = p.ref AND d.state = 'open')
        ORDER BY p.id")
    printf ':62F:C%sEUR%d,%02d\n-\n' "$(date -d "$day" +%y%m%d)" $((sum / 100)) $((sum % 100))
}

adds_up=0 verified=0 billed=0
for month in 2016-03 2016-04 2016-05 2016-06 2016-07 2016-08 2016-09 2016-10 2016-11 2016-12 2017-01 2017-02; do
    from=$month-01
    to=$(date -u -d "$from +1 month" +%F)
    pay=$(date -u -d "$to +9 days" +%F) late=$(date -u -d "$to +24 days" +%F)
    readings "$from" "$to" >"$work/$month.csv"
    a --date "$to" import readings "$work/$month.csv" --mapping demo-readings >>"$work/import.txt"
    for rule in $(q "SELECT DISTINCT f.rule FROM finding f JOIN reading r ON r.id = f.reading WHERE r.state = 'held'"); do
        action=accept
        case $rule in decrease | duplicate) action=reject ;; esac
        luis --date "$to" --yes reading decide --rule "$rule" --action $action --reason "revisado" >>"$work/decided.txt" 2>&1 || true
    done
    luis --date "$to" --yes reading estimate --time "$to 00:00" --reason "sin lectura" >>"$work/estimated.txt"
    marta --date "$to" --json bill run "$month" --cycle casco --preview >"$work/preview.json"
    marta --date "$to" bill run "$month" --cycle casco >>"$work/billing.txt"
    [ "$(jq .bills "$work/preview.json")" != "$(q "SELECT items FROM billing_run WHERE start_date = '$from'")" ] || billed=$((billed + 1))
    case $month in
    2016-05) # one disagrees with a bill, and is right in part two months later
        marta --date "$pay" dispute open --bill "$(q "SELECT max(id) FROM bill WHERE account = 1")" --amount 3 --reason "no estaba en casa" >/dev/null
        ;;
    2016-07)
        marta --date "$pay" --yes dispute resolve 1 --outcome partly --amount 2 --reason "fuga en la acera" >/dev/null
        ;;
    2016-08) # cash, taken back; a bill cancelled and made again
        marta --date "$pay" drawer open C1 --float 50 >/dev/null
        marta --date "$pay" payment take "$(q 'SELECT number FROM account WHERE id = 2')" 5 --tendered 10 >/dev/null
        marta --date "$pay" receipt "$(q 'SELECT max(receipt) FROM payment')" >"$work/receipt.txt"
        marta --date "$pay" --yes payment reverse "$(q 'SELECT max(receipt) FROM payment')" --reason "de otra cuenta" >/dev/null
        bill=$(q 'SELECT max(id) FROM bill WHERE account = 3')
        marta --date "$pay" --yes bill cancel "$bill" --reason "otro titular" >/dev/null
        marta --date "$pay" bill rebill "$bill" >/dev/null
        ;;
    2016-11) # a reading that was billed turns out wrong
        reading=$(q "SELECT m.to_reading FROM bill_meter m JOIN bill b ON b.id = m.bill WHERE b.account = $meters AND m.from_reading <> m.to_reading
            AND b.cancelled IS NULL ORDER BY b.id DESC LIMIT 1")
        marta --date "$pay" --yes reading correct "$reading" --value "$(q "SELECT printf('%.3f', (value - 500) / 1000.0) FROM reading WHERE id = $reading")" \
            --reason "mal leída" >/dev/null
        ;;
    2017-01)
        marta --date "$pay" --yes account write-off "$(q "SELECT number FROM account WHERE id = $meters")" --amount 1 --reason "redondeo" >/dev/null
        ;;
    esac
    statement "$pay" >"$work/$month.sta"
    marta --date "$pay" bank import "$work/$month.sta" >>"$work/paid.txt"
    marta --date "$late" --yes late-fee run >>"$work/fees.txt"
    marta --date "$late" --yes collection run >>"$work/dunned.txt"
    # The month's reports, as they are filed.
    csv bills --from "$from" --to "$to" >>"$work/month.bills"
    csv payments --from "$to" --to "$late" >>"$work/month.payments"
    marta report receivables --date "$late" --output "$work/$month.pdf" --format pdf >/dev/null
    marta report bills --from "$from" --to "$to" --output "$work/$month.xlsx" --format xlsx >/dev/null
    marta reconcile >"$work/reconciled.txt" && adds_up=$((adds_up + 1))
    a verify --deep >"$work/verified.txt" && verified=$((verified + 1))
done

is "twelve months billed, as previewed" 12 "$billed"
is "each account and month adds up, every month" "12 0" "$adds_up $(csv reconcile | awk -F, '$12 != 0' | wc -l)"
is "every table rebuilt, every month" 12 "$verified"
is "the same identity from the other report" "" \
    "$(csv reconciliation | awk -F, '{d = $3 + $4 + $5 + $6 + $7 - $8 - $9 - $10 - $11; if (d > 0.001 || d < -0.001) print}')"
is "months without readings were estimated, never three in a row" "yes 0" "$([ "$(q "SELECT count(*) FROM reading WHERE source = 'estimated'")" -ge 2 ] && echo yes) $(q "
    SELECT count(*) FROM (SELECT source, lag(source) OVER w AS a, lag(source, 2) OVER w AS b FROM reading WHERE state = 'accepted' WINDOW w AS
    (PARTITION BY register ORDER BY utc)) WHERE source = 'estimated' AND a = 'estimated' AND b = 'estimated'")"
is "every account has a bill for each month from its first on" "$meters 0" "$(q "SELECT count(*), sum(n <> months) FROM (SELECT count(*) AS n,
    (2017 * 12 + 3) - (substr(min(start_date), 1, 4) * 12 + substr(min(start_date), 6, 2)) AS months FROM bill WHERE cancelled IS NULL GROUP BY account)" | tr '|' ' ')"
is "billed litres are last register less first, estimates and corrections through" 0 "$(q "
    SELECT count(*) FROM (SELECT register, sum(consumption) AS used, (SELECT value FROM reading x WHERE x.id = (SELECT to_reading FROM bill_meter y JOIN bill c ON c.id = y.bill
    WHERE y.register = m.register AND c.cancelled IS NULL ORDER BY y.bill DESC LIMIT 1)) - (SELECT value FROM reading x WHERE x.id = (SELECT from_reading FROM bill_meter y
    WHERE y.register = m.register ORDER BY y.bill LIMIT 1)) AS moved FROM bill_meter m JOIN bill b ON b.id = m.bill WHERE b.cancelled IS NULL AND NOT EXISTS(
    SELECT 1 FROM document d JOIN bill e ON e.id = d.bill WHERE d.cause = 'correction' AND e.account = b.account) GROUP BY register) WHERE used <> moved")"
is "a dispute was partly upheld" "partly 200" "$(q "SELECT d.state, n.amount FROM dispute d JOIN document n ON n.type = 'credit_note' AND n.number = d.note" | tr '|' ' ')"
is "who does not pay was told and charged" "yes yes" "$([ "$(q 'SELECT count(*) FROM notice')" -ge 3 ] && echo yes) $([ "$(q "SELECT count(*) FROM document WHERE cause = 'late_fee'")" -ge 3 ] && echo yes)"
is "the receipt that was given out" "1 1" "$(grep -c '^Change  *5' "$work/receipt.txt") $(grep -c '^ *Receipt [0-9]' "$work/receipt.txt")"
is "ageing adds up to the balances" "$(q 'SELECT sum(amount) FROM posting')" "$(csv receivables | awk -F, '{s += $9} END {printf "%.0f", s * 100}')"
is "the months' reports of bills and payments are all that was owed and given" "$(q "SELECT (SELECT sum(total) FROM bill) || ' ' ||
    (SELECT sum(amount) FROM payment)")" "$(awk -F, '{s += $9 + $12} END {printf "%.0f", s * 100}' "$work/month.bills") $(awk -F, '{s += $8} END {printf "%.0f", s * 100}' "$work/month.payments")"
is "each month has its files" 24 "$(find "$work" -name '201*.pdf' -size +2k -o -name '201*.xlsx' -size +2k | wc -l)"
is "billed less noted, and collected, month by month in one report" "$(q "SELECT sum(amount) || ' ' || (SELECT -sum(amount) FROM posting WHERE kind IN
    ('payment', 'reversal', 'refund')) FROM posting WHERE kind IN ('bill', 'void', 'debit_note', 'credit_note')")" \
    "$(csv collection | awk -F, '{b += $2; c += $3} END {printf "%.0f %.0f", b * 100, c * 100}')"
echo "# count year_account_months $(q "SELECT count(*) FROM bill WHERE cancelled IS NULL") $((12 - adds_up))"
is "no series of documents has a gap" "" "$(q "SELECT type FROM document GROUP BY type HAVING max(number) <> count(*) UNION SELECT 'bill' WHERE (SELECT max(id) <> count(*) FROM bill)")"

# A posting that no record stands behind, a payment of another amount: said and refused.
cp -a "$office" "$work/copy"
sqlite3 "$work/copy/office.db" "UPDATE payment SET amount = amount + 1 WHERE id = 1"
is "a changed payment does not add up" "1 yes" "$("$bin" --office "$work/copy" reconcile 2>/dev/null | grep -c 'EUR too much') $("$bin" --office "$work/copy" reconcile >/dev/null 2>&1 || echo yes)"
sqlite3 "$work/copy/office.db" "UPDATE payment SET amount = amount - 1 WHERE id = 1; UPDATE posting SET open = open - 1 WHERE id = (SELECT max(id) FROM posting WHERE open > 0)"
is "nor does what is open" yes "$("$bin" --office "$work/copy" reconcile >/dev/null 2>&1 || echo yes)"
tap_end

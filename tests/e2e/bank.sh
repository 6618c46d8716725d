#!/usr/bin/env bash
# Files of banks and agencies: what they say, whose money it is, what waits, and that a file is taken back as a whole.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/lib/tap.sh
. "$top/tests/lib/tap.sh"

echo clave-de-prueba >"$work/pw"
a() { "$bin" --office "$work/office" --lang en --yes --quiet "$@"; }
csv() { a report "$@" --format csv | tail -n +2 | tr -d '\r'; }
balances() { csv accounts | cut -d, -f8 | xargs; }
own=NL26VAYB8060476890
a init --code BANK --name "Banco" --currency EUR --zone America/Costa_Rica --locale en_US --login ana --person Ana \
    --password-file "$work/pw" >/dev/null
a login --user ana --password-file "$work/pw" >/dev/null
for i in 1 2 3 4; do
    a customer add --name "Cliente $i" >/dev/null
    a account open "CTA-000$i" --customer "$i" >/dev/null
    a account opening "CTA-000$i" --amount "$((i * 100)).00" --due 2016-01-15 >/dev/null
done

# txn AMOUNT SIGN REF TEXT NAME BANKREF
txn()
{
    printf '<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>%s</CdtDbtInd><RvslInd>%s</RvslInd><Sts>BOOK</Sts>' "$1" "$2" "${7:-false}"
    printf '<BookgDt><Dt>2016-02-03</Dt></BookgDt><ValDt><Dt>2016-02-02</Dt></ValDt><AcctSvcrRef>%s</AcctSvcrRef>' "$6"
    printf '<NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs><RltdPties><Dbtr><Nm>%s</Nm></Dbtr>' "$3" "$5"
    printf '<DbtrAcct><Id><IBAN>ES%s</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>' "$6" "$4"
}
# camt ACCOUNT OPENING CLOSING ENTRIES
camt()
{
    printf '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>'
    printf '<Stmt><Id>S1</Id><Acct><Id><IBAN>%s</IBAN></Id></Acct>' "$1"
    printf '<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>' "$2"
    printf '<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd></Bal>%s</Stmt></BkToCstmrStmt></Document>\n' "$3" "$4"
}
entries="$(txn 60.00 CRDT CTA-0001 '' Uno B1)$(txn 200.00 CRDT NOTPROVIDED 'Factura agua' 'Cliente 2' B2)$(txn 50.00 CRDT X 'pago de CTA-0003, gracias' Tres B3)"
entries+="$(txn 70.00 CRDT X 'sin datos' Nadie B4)$(txn 30.00 CRDT X 'CTA-0003 y CTA-0004' Dos B5)$(txn 9.00 DBIT X comision Banco B6)$(txn 5.00 DBIT X devuelto Banco B7 true)"
camt "$own" 100.00 496.00 "$entries" >"$work/feb.xml"

refused "whose accounts are ours must be told" "policy set bank" a bank import "$work/feb.xml"
echo "{\"accounts\":[\"$own\"]}" >"$work/bank.json"
a policy set bank "$work/bank.json" >/dev/null
camt "NL00OTHER" 100.00 496.00 "$entries" >"$work/other.xml"
refused "a file of another bank's account" "not the office's" a bank import "$work/other.xml"
head -c 900 "$work/feb.xml" >"$work/cut.xml"
refused "a file that was cut off" "is the file whole" a bank import "$work/cut.xml"
sed 's/60\.00/60.12345/' "$work/feb.xml" >"$work/five.xml"
refused "five decimals" "decimals" a bank import "$work/five.xml"
sed 's/Ccy="EUR"/Ccy="USD"/g' "$work/feb.xml" >"$work/usd.xml"
refused "another currency" "in USD" a bank import "$work/usd.xml"
camt "$own" 100.00 500.00 "$entries" >"$work/sum.xml"
refused "balances that do not add up" "closing balance" a bank import "$work/sum.xml"
{ printf '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'; printf '<x>&b;</x>'; } >"$work/bomb.xml"
refused "entities are not expanded" "document type" a bank import "$work/bomb.xml"
printf 'nothing of a bank' >"$work/text.txt"
refused "no bank's file" "neither" a bank import "$work/text.txt"

before=$(height)
is "a preview records nothing" "feb.xml: 3 matched (310.00 EUR), 3 waiting (100.00 EUR), 1 ignored, 0 recorded before; a preview: nothing was recorded $before" \
    "$(a bank import "$work/feb.xml" --preview) $(height)"
a bank import "$work/feb.xml" >"$work/out"
is "by reference, by name and amount, by the text" "40.00 0.00 250.00 400.00" "$(balances)"
is "why the rest waits" "no_reference ambiguous returned" "$(csv exceptions | cut -d, -f5 | xargs)"
refused "the same file again" "imported already" a bank import "$work/feb.xml"
camt "$own" 496.00 546.00 "$(txn 50.00 CRDT X 'pago de CTA-0003, gracias' Tres B3)" | sed 's/>496.00</>100.00</;s/>546.00</>150.00</' >"$work/again.xml"
a bank import "$work/again.xml" >"$work/out"
is "the same movement in another file is not counted again" "1 40.00 0.00 250.00 400.00" "$(grep -c '1 recorded before' "$work/out") $(balances)"
# In another format, which says less of it, and writes the account's number its way: the bank's reference is the same.
printf ':20:R\n:25:VAYBNL2A/NL26 VAYB 8060 4768 90 EUR\n:28C:1/1\n:60F:C160203EUR100,\n:61:1602020203C60,NTRFNONREF//B1\n:61:1602020203C60,NTRFNONREF//B1\n:62F:C160203EUR220,\n-\n' >"$work/less.sta"
is "nor one that another format says less of; of two one is new" "less.sta: 0 matched (0.00 EUR), 1 waiting (60.00 EUR), 0 ignored, 1 recorded before" \
    "$(a bank import "$work/less.sta" | sed 's/ (entry.*//')"
a bank discard 3 --reason "both formats" >/dev/null

# The queue.
row() { csv exceptions | sed -n "$1p" | cut -d, -f1; }
waits=$(row 1)
refused "no more than came in" "only 70.00" a bank assign "$waits" CTA-0004:71
a bank assign "$waits" CTA-0004:40,CTA-0001:10 >/dev/null
is "split, the rest waits" "20.00 30.00 0.00 30.00 0.00 250.00 360.00" "$(csv exceptions | cut -d, -f4 | xargs) $(balances)"
a bank assign "$waits" CTA-0002 >/dev/null
is "credit where nothing was owed" "30.00 -20.00 250.00 360.00" "$(balances)"
refused "what is assigned waits no more" "waits for nothing" a bank assign "$waits" CTA-0002
a bank reject "$(row 1)" --reason "of another company" >/dev/null
is "one is left" returned "$(csv exceptions | cut -d, -f5 | xargs)"

# The file as a whole.
a bank discard 1 --reason "wrong month" >/dev/null
is "undone, each account is as before" "100.00 200.00 300.00 400.00" "$(balances)"
is "nothing waits" 0 "$(csv exceptions | wc -l)"
refused "not twice" "no bank file 1" a bank discard 1 --reason x
a bank import "$work/feb.xml" >/dev/null
is "and may come again" "40.00 0.00 250.00 400.00" "$(balances)"

# MT940 and an agency's CSV.
cat >"$work/mt.sta" <<MT
:20:REF
:25:$own
:28C:00001/001
:60F:C160203EUR496,
:61:1602040204CR15,NTRFNONREF//MT-1
:86:166?00GUTSCHRIFT?20SVWZ+Agua/CTA-0003.?21Gracias?32Tres
:61:1602040204D1,5NCHGNONREF//MT-2
:86:comision
:62F:C160204EUR509,5
-
MT
a bank import "$work/mt.sta" >"$work/out"
is "MT940" "1 40.00 0.00 235.00 400.00" "$(grep -c '1 matched (15.00 EUR), 0 waiting (0.00 EUR), 1 ignored' "$work/out") $(balances)"
sed -e '/^:62F/,$d' "$work/mt.sta" >"$work/cut.sta"
refused "MT940 cut off" "cut off" a bank import "$work/cut.sta"
sed -e 's/CR15,/CR15,12345/' "$work/mt.sta" >"$work/five.sta"
refused "MT940 with five decimals" "line 5, field 61" a bank import "$work/five.sta"
printf '{"kind":"payments","separator":";","columns":{"date":"fecha","value":"monto","account":"cuenta","transaction":"id"},"time_format":"%%d/%%m/%%Y","decimal":",","group":"."}' >"$work/agency.json"
a mapping save agencia "$work/agency.json" >/dev/null
printf 'fecha;monto;cuenta;id\n05/02/2016;40,00;CTA-0001;T-1\n05/02/2016;1.100,50;CTA-0004;T-2\n06/02/2016;1,00;CTA-0004;T-2\n' >"$work/agency.csv"
sed 's/T-2$/T-3/;s/1,00;/1,0001;/' "$work/agency.csv" >"$work/bad.csv"
refused "a bad row stops the file, by line and field" "line 4, value" a bank import "$work/bad.csv" --mapping agencia --channel agency
a bank import "$work/agency.csv" --mapping agencia --channel agency >"$work/out"
is "an agency's file; the same identifier twice is one payment" "0.00 0.00 235.00 -700.50" "$(balances)"
# A bank's list, as those of Costa Rica and Mexico: title lines, an empty one, padded cells, a column of its own for what went out, rows without a number.
printf '{"kind":"payments","heading_lines":3,"encoding":"windows-1252","columns":{"date":"Fecha","value":"Crédito","debit":"Débito","text":"Descripción","transaction":"Referencia"},"time_format":"%%d/%%m/%%Y","group":","}' >"$work/list.json"
a mapping save lista "$work/list.json" >/dev/null
{
    printf 'Estado de cuenta\n\nFecha, Referencia, Descripci\xf3n, D\xe9bito, Cr\xe9dito\n6/2/2016, 77, comisi\xf3n \x93SINPE\x94, 1.50, 0.00\n'
    printf '6/2/2016, 77, SINPE CTA-0004, 0.00,"1,000.25"\n6/2/2016, , DEP CTA-0004, , +2.00\n6/2/2016, , DEP CTA-0004, , 2.00\n6/2/2016, , SALDO, , \n'
} >"$work/list.csv"
a bank import "$work/list.csv" --mapping lista >"$work/out"
is "a bank's list: what came in, once each" "list.csv: 3 matched (1,004.25 EUR), 0 waiting (0.00 EUR), 1 ignored, 0 recorded before" "$(sed 's/ (entry.*//' "$work/out")"
printf '7/2/2016, , DEP CTA-0004, 5, 2.00\n' | cat "$work/list.csv" - >"$work/bad.csv"
refused "in and out in one row" "line 9, debit" a bank import "$work/bad.csv" --mapping lista
printf '7/2/2016, , DEP CTA-0004, , 3.00\n' | cat "$work/list.csv" - >"$work/longer.csv"
refused "an agency's rows have numbers" "needs its identifier" a bank import "$work/longer.csv" --mapping lista --channel agency
a bank import "$work/longer.csv" --mapping lista >"$work/out"
is "a longer list: only what is new" 1 "$(grep -c '1 matched (3.00 EUR), 0 waiting (0.00 EUR), 0 ignored, 4 recorded before' "$work/out")"
a bank discard "$(csv bank-files | tail -n 1 | cut -d, -f1)" --reason trial >/dev/null
a bank discard "$(csv bank-files | tail -n 2 | head -n 1 | cut -d, -f1)" --reason trial >/dev/null
is "open items go out" "CTA-0003,Cliente 3,opening" "$(csv open-items | cut -d, -f1-3)"
is "every month adds up" "" "$(csv reconciliation | awk -F, '{d = $3 + $4 + $5 + $6 + $7 - $8 - $9 - $10 - $11; if (d > 0.001 || d < -0.001) print}')"

# What goes out, and comes back: the agency answers with the references that it was sent.
a mapping save agencia-out "$top/data/layouts/agency.json" >/dev/null
a mapping save debito "$top/data/layouts/debit-fixed.json" >/dev/null
refused "what comes in is no layout" "come in" a charges send agencia
a customer add --name "Cliente 5" >/dev/null
a account open CTA-0005 --customer 5 >/dev/null
a account opening CTA-0005 --amount 75.5 --due 2016-01-31 >/dev/null
owed=$(csv open-items | awk -F, '{s += $8} END {printf "%.2f", s}')
a charges send agencia-out >"$work/out"
is "a file goes out and is recorded" "1 $owed" "$(grep -c '2 debts' "$work/out") $(csv charge-files | cut -d, -f7)"
a charges export 1 -o "$work/out.csv" >/dev/null
is "totals and count stand before and after" "H;BANK;EUR;2;$owed T;2;$owed" \
    "$(head -n 1 "$work/out.csv" | cut -d';' -f1,2,4-) $(tail -n 1 "$work/out.csv")"
a charges send debito >/dev/null
a charges export 2 -o "$work/out.txt" >/dev/null
is "of fixed width, to the character" "80 4" "$(tr -d '\r' <"$work/out.txt" | awk '{print length}' | sort -u | xargs) $(wc -l <"$work/out.txt")"
awk -F';' '$1 == "D" {printf "07/02/2016;%s;%s;R-%d\n", $5, $2, NR}' "$work/out.csv" | sed 's/\./,/' >"$work/back"
{ echo 'fecha;monto;cuenta;id'; cat "$work/back"; } >"$work/back.csv"
a bank import "$work/back.csv" --mapping agencia --channel agency >"$work/out"
is "what comes back pays it" "1 0" "$(grep -c '2 matched' "$work/out") $(csv open-items | wc -l)"
a charges export 1 -o "$work/again.csv" >/dev/null
is "the file that was sent, the same bytes" 0 "$(cmp "$work/out.csv" "$work/again.csv" && echo 0)"
refused "nobody owes anything" "nothing is owed" a charges send agencia-out

# The samples, to the cent (tests/fixtures/bank says where they come from).
"$bin" bank show "$top/tests/fixtures/bank/camt053.v2.multi.statement.xml" >"$work/camt.json"
is "CAMT.053, two statements" '["8.85"] 27.00 ["-7.00"] 20.00' \
    "$(jq -rc '[.statements[] | ([.transactions[].amount] | tojson), .closing.amount] | join(" ")' "$work/camt.json")"
"$bin" bank show "$top/tests/fixtures/bank/betterplace-sepa_mt9401.sta" >"$work/mt.json"
is "MT940, every statement adds up" "true" "$(jq '[.statements[].balanced] | all' "$work/mt.json")"
is "MT940, each transaction as another program reads it" "" "$(jq -r '.statements[].transactions[] |
    [(.amount | ltrimstr("-")), .date, .status, (.funds_code // ""), .type] | @tsv' "$work/mt.json" |
    diff - "$top/tests/fixtures/bank/betterplace.expected.tsv")"
# Of each reference in field 61, what that program keeps is the end of it; where "KREF+" stands for it, it is the one in field 86.
jq -r '.statements[].transactions[] | [.customer_reference // "", .bank_reference // ""] | @tsv' "$work/mt.json" |
    paste "$top/tests/fixtures/bank/betterplace.references.tsv" - >"$work/references"
is "MT940, each reference" "97 0 45" "$(awk -F'\t' '
    $2 != "" { kref++; a = $2; b = $3; gsub(" ", "", a); gsub(" ", "", b); bad += a != b; $3 = "KREF+" }
    { whole = $3 ($4 != "" ? "//" $4 : ""); if ($1 != "" && substr(whole, length(whole) - length($1) + 1) != $1) bad++ }
    END { print NR, bad + 0, kref }' "$work/references")"
refused "a sample of accounts that are not ours" "not the office's" a bank import "$top/tests/fixtures/bank/betterplace-sepa_mt9401.sta"
before=$(balances)
is "two statements in one file: what came in waits, what went out does not" \
    "camt053.v2.multi.statement.xml: 0 matched (0.00 EUR), 1 waiting (8.85 EUR), 1 ignored, 0 recorded before" \
    "$(a bank import "$top/tests/fixtures/bank/camt053.v2.multi.statement.xml" | sed 's/ (entry.*//')"
is "nobody was paid for it" "$before no_reference" "$(balances) $(csv exceptions | tail -n 1 | cut -d, -f5)"
sed 's/<CdtDbtInd>CRDT<\/CdtDbtInd><RvslInd>/<RvslInd>/' "$work/feb.xml" >"$work/unsigned.xml"
refused "an entry that does not say which way the money went" "neither credit nor debit" a bank import "$work/unsigned.xml"

# Each payment is proved, however it came; by public tools alone too, and not after one changed digit.
# shellcheck disable=SC2016
awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$top/docs/check-by-hand.md" >"$work/check.sh"
a checkpoint sign >/dev/null
status() { local s=0; "$@" >"$work/out" 2>"$work/err" || s=$?; echo $s; }
held=0
receipts=$(csv payments | cut -d, -f1)
for r in $receipts; do
    a proof payment "$r" -o "$work/paid-$r.json" >/dev/null && "$bin" --lang en check "$work/paid-$r.json" >"$work/paid-$r.txt" &&
        grep -q "^payment with receipt $r: " "$work/paid-$r.txt" && held=$((held + 1))
done
is "every payment has a proof that holds" "$(wc -w <<<"$receipts")" "$held"
paid() { csv payments | awk -F, -v way="$1" '$5 == way {print $1}' | tail -n 1; }
by_hand() { bash "$work/check.sh" "$work/paid-$1.json" 2>&1; }
is "a row that was given away in shares holds them all" 1 "$(grep -c '^row [0-9]* of bank file 1: 7000 ' "$work/paid-4.txt")"
is "what was taken back with its file is said so" 1 "$(grep -c 'taken back whole' "$work/paid-1.txt")"
is "by hand: matched, and taken back" "payment 1 of office BANK: 6000 minor units in feb.xml, taken back with it" \
    "$(by_hand 1 | sed 's/, SHA-256 [0-9a-f]*//;s/; it holds//')"
is "by hand: the agency's, in the file that the agency has" "$(sha256sum <"$work/back.csv" | cut -d' ' -f1)" "$(by_hand "$(paid agency)" | grep -oE '[0-9a-f]{64}')"
is "by hand: given by hand, the rest of its row" "payment 6 of office BANK: 2000 minor units in feb.xml" "$(by_hand 6 | cut -d, -f1)"
accepted=''
while read -r path; do
    jq -cS --argjson path "$path" 'getpath($path) as $v | setpath($path; if ($v | type) == "number" then $v + 1 else
        ($v | explode | .[length / 2 | floor] |= (if . >= 48 and . <= 57 then (. - 47) % 10 + 48 elif . == 97 then 98 else 97 end) | implode) end)' \
        "$work/paid-6.json" >"$work/changed.json"
    [[ $path != *item* ]] || [ "$(status bash "$work/check.sh" "$work/changed.json")" != 0 ] || accepted+=" hand:$path"
    [ "$(status "$bin" check "$work/changed.json")" = 3 ] || accepted+=" aforo:$path"
done < <(jq -c 'paths(scalars) | select(.[-1] == "item" or .[-1] == "index" or .[-1] == "number" or .[-2:] == ["path", 1])' "$work/paid-6.json")
is "one changed digit in item, index, path or receipt is refused" "" "$accepted"
jq -cS '(.entries | map(.envelope | fromjson.payload | @base64d | fromjson.kind) | index("bank.closed")) as $at | del(.entries[$at]) | .missing += ["closed"] | .missing |= sort' \
    "$work/paid-6.json" >"$work/open.json"
is "without the end of its file it does not hold" "1 1" "$(status "$bin" check "$work/open.json") $(status bash "$work/check.sh" "$work/open.json")"
is "a receipt that is none" "1 1" "$(status a proof payment 999 -o "$work/none.json") $(grep -c 'no payment with receipt 999' "$work/err")"

# The reference of the payment barcode: alone, and as a scanner types all of it. 00000000000389: account 3 of the ledger.
a biller set --barcode gs1-128 --gln 7707232377896 >/dev/null
camt "$own" 100.00 104.00 "$(txn 1.00 CRDT 00000000000389 '' Tres C1)$(txn 3.00 CRDT X ']C141577072323778968020000000000003893900000000001' Tres C2)" >"$work/code.xml"
before=$(sqlite3 "$work/office/office.db" 'SELECT sum(amount) FROM posting WHERE account = 3')
a bank import "$work/code.xml" >"$work/out"
is "by the payment barcode" 400 "$((before - $(sqlite3 "$work/office/office.db" 'SELECT sum(amount) FROM posting WHERE account = 3')))"
camt "$own" 100.00 101.00 "$(txn 1.00 CRDT 00000000000388 '' Nadie C3)" >"$work/slip.xml"
is "a wrong digit is nobody's" 1 "$(a bank import "$work/slip.xml" --preview | grep -c ': 0 matched')"

# One movement told in parts by camt.053 and as a sum by MT940, in either order: never counted twice.
# part AMOUNT REF; batch BANKREF TOTAL PARTS
part() { printf '<TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs><AmtDtls><TxAmt><Amt Ccy="EUR">%s</Amt></TxAmt></AmtDtls></TxDtls>' "$2" "$1"; }
batch()
{
    printf '<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2016-02-03</Dt></BookgDt>' "$2"
    printf '<ValDt><Dt>2016-02-02</Dt></ValDt><AcctSvcrRef>%s</AcctSvcrRef><NtryDtls>%s</NtryDtls></Ntry>' "$1" "$3"
}
# sta LINE-61 CLOSING
sta() { printf ':20:X\n:25:%s\n:28C:1\n:60F:C160201EUR100,00\n%s\n:86:166?00SEPA\n:62F:C160203EUR%s\n-\n' "$own" "$1" "$2"; }
owed() { sqlite3 "$work/office/office.db" 'SELECT sum(amount) FROM posting'; }
said() { a bank import "$@" | sed 's/^[^:]*: //;s/ (entry.*//'; }
camt "$own" 100.00 107.00 "$(batch G1 7.00 "$(part 3.00 CTA-0001)$(part 4.00 CTA-0002)")" >"$work/parts.xml"
sta ':61:1602020203C7,00NTRFNONREF//G1' 107,00 >"$work/sum.sta"
before=$(owed)
a bank import "$work/parts.xml" >/dev/null
is "parts, then their sum" "700 0 matched (0.00 EUR), 0 waiting (0.00 EUR), 0 ignored, 1 recorded before" "$((before - $(owed))) $(said "$work/sum.sta")"
sta ':61:1602020203C9,00NTRFNONREF//G2' 109,00 >"$work/sum2.sta"
camt "$own" 100.00 109.00 "$(batch G2 9.00 "$(part 4.00 CTA-0001)$(part 5.00 CTA-0002)")" >"$work/parts2.xml"
a bank import "$work/sum2.sta" >/dev/null
is "a sum, then its parts" "0 matched (0.00 EUR), 2 waiting (0.00 EUR), 0 ignored, 0 recorded before" "$(said "$work/parts2.xml")"
rows=$(csv exceptions | grep -c ',in_sum,') row=$(csv exceptions | grep -m 1 ',in_sum,' | cut -d, -f1)
is "they wait, and say why" 2 "$rows"
refused "a part of a sum is not given to anybody" "is a part of row" a bank assign "$row" CTA-0001
refused "a file whose sums wait in parts elsewhere" "tells in parts" a bank discard "$(csv bank-files | grep sum2.sta | cut -d, -f1)" --reason x
before=$(owed)
a bank assign "$((row - 1))" CTA-0001:4.00,CTA-0002:5.00 >/dev/null
a bank reject "$row" --reason "in its sum" >/dev/null
is "the sum is given, once" 900 "$((before - $(owed)))"
sta ':61:1602020203C8,00NTRFNONREF' 108,00 >"$work/sum3.sta"
camt "$own" 100.00 108.00 "$(batch '' 8.00 "$(part 3.00 CTA-0001)$(part 5.00 CTA-0002)" | sed 's,<AcctSvcrRef></AcctSvcrRef>,,')" >"$work/parts3.xml"
a bank import "$work/parts3.xml" >/dev/null
is "without the bank's reference a person says" "0 matched (0.00 EUR), 1 waiting (8.00 EUR), 0 ignored, 0 recorded before" "$(said "$work/sum3.sta")"

is "the ledger verifies" 0 "$(a verify --deep >/dev/null 2>"$work/err" && echo 0 || { cat "$work/err" >&2; echo 1; })"
tap_end

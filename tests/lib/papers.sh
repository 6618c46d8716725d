#!/usr/bin/env bash
# Pictures for docs/reports.md from the demo office: a bill, a receipt, three reports; in English, small.
# usage: papers.sh [FOLDER]     AFORO_BIN names the program; FOLDER is docs/papers. Needs pdftoppm.
set -euo pipefail
bin=${AFORO_BIN:?} top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
to=${1:-$top/docs/papers}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export AFORO_LANG=en
office=$work/demo-office demo=$top/data/demo
AFORO_BIN=$bin bash "$demo/demo.sh" "$office" >/dev/null
# shellcheck source=data/demo/office.sh
. "$demo/office.sh"

marta --yes --date 2017-03-01 account write-off D-010 1.00 --reason "a coin that is not worth a letter" >/dev/null 2>&1 || true
# The newest bill again, now that the office says how it is paid; nobody's identifiers.
a --yes biller set --tax-scheme co_nit --tax-id 900.123.456-8 --customer-schemes co_nit,co_cc --barcode gs1-128 --gln 7701234567897 >/dev/null
a customer edit 1 --tax-id 79.123.456 >/dev/null
marta --yes --date 2017-03-02 bill cancel 109 --reason "printed again with the barcode" >/dev/null
marta --yes --date 2017-03-02 bill rebill 109 >/dev/null
olga drawer open MAIN --float 50 >/dev/null
for account in D-001 D-002 D-003 D-004; do
    olga payment take "$account" 40 --tendered 50 >/dev/null
done
marta --date 2017-03-01 bill pdf 119 --output "$work/bill.pdf" >/dev/null
olga receipt "$(a report payments --format csv | grep -m 1 ',D-001,' | cut -d, -f1)" --format pdf -o "$work/receipt.pdf" >/dev/null
for report in ageing collection held; do
    a report "$report" --output "$work/$report.pdf" >/dev/null
done
mkdir -p "$to"
for paper in bill receipt ageing collection held; do
    pdftoppm -r 64 -f 1 -l 1 -singlefile -png "$work/$paper.pdf" "$to/$paper"
done

#!/usr/bin/env python3
"""Are the e-invoice files of a folder UBL 2.1? usage: ubl_check.py FOLDER

A reader of its own: well-formed by expat, the elements of each aggregate in the order of OASIS's schemas, none empty, currency on
every amount, and totals that reconcile, also with the JSON beside. Where xmllint is there and UBL_XSD names a folder with the
schemas of maindoc (they are not kept here), each file is validated against them too. Prints: N documents, M by schema.
"""
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from decimal import Decimal
from pathlib import Path

URN = "urn:oasis:names:specification:ubl:schema:xsd:"
CAC, CBC = "{%sCommonAggregateComponents-2}" % URN, "{%sCommonBasicComponents-2}" % URN
# The sequences of UBL-Invoice-2.1.xsd and its like and of UBL-CommonAggregateComponents-2.1.xsd, as far as a bill may ever need them.
HEAD = "UBLVersionID CustomizationID ProfileID ProfileExecutionID ID CopyIndicator UUID IssueDate IssueTime"
PARTIES = "Signature AccountingSupplierParty AccountingCustomerParty PayeeParty"
MONEY = "AllowanceCharge TaxExchangeRate TaxTotal"
LINE = "LineExtensionAmount TaxPointDate BillingReference TaxTotal Item Price"
ORDER = {
    "Invoice": HEAD + " DueDate InvoiceTypeCode Note TaxPointDate DocumentCurrencyCode LineCountNumeric BuyerReference InvoicePeriod"
    " OrderReference BillingReference AdditionalDocumentReference " + PARTIES + " PaymentMeans PaymentTerms PrepaidPayment " + MONEY
    + " LegalMonetaryTotal InvoiceLine",
    "CreditNote": HEAD + " TaxPointDate CreditNoteTypeCode Note DocumentCurrencyCode LineCountNumeric InvoicePeriod DiscrepancyResponse"
    " OrderReference BillingReference AdditionalDocumentReference " + PARTIES
    + " PaymentMeans PaymentTerms TaxExchangeRate AllowanceCharge TaxTotal LegalMonetaryTotal CreditNoteLine",
    "DebitNote": HEAD + " Note TaxPointDate DocumentCurrencyCode LineCountNumeric InvoicePeriod DiscrepancyResponse OrderReference"
    " BillingReference AdditionalDocumentReference " + PARTIES + " PrepaidPayment AllowanceCharge PaymentMeans PaymentTerms"
    " TaxTotal RequestedMonetaryTotal DebitNoteLine",
    "InvoicePeriod": "StartDate StartTime EndDate EndTime",
    "DiscrepancyResponse": "ReferenceID ResponseCode Description",
    "BillingReference": "InvoiceDocumentReference",
    "InvoiceDocumentReference": "ID CopyIndicator UUID IssueDate",
    "AccountingSupplierParty": "CustomerAssignedAccountID AdditionalAccountID Party",
    "AccountingCustomerParty": "CustomerAssignedAccountID SupplierAssignedAccountID AdditionalAccountID Party",
    "Party": "PartyIdentification PartyName PostalAddress PartyTaxScheme PartyLegalEntity Contact",
    "PartyIdentification": "ID",
    "PartyName": "Name",
    "PostalAddress": "ID AddressLine Country",
    "AddressLine": "Line",
    "Country": "IdentificationCode Name",
    "PartyTaxScheme": "RegistrationName CompanyID TaxLevelCode TaxScheme",
    "PartyLegalEntity": "RegistrationName CompanyID",
    "Contact": "ID Name Telephone ElectronicMail",
    "TaxScheme": "ID Name",
    "PaymentMeans": "ID PaymentMeansCode PaymentDueDate PaymentID",
    "AllowanceCharge": "ID ChargeIndicator AllowanceChargeReasonCode AllowanceChargeReason MultiplierFactorNumeric Amount BaseAmount",
    "TaxTotal": "TaxAmount RoundingAmount TaxSubtotal",
    "TaxSubtotal": "TaxableAmount TaxAmount Percent TaxCategory",
    "TaxCategory": "ID Name Percent TaxScheme",
    "LegalMonetaryTotal": "LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount AllowanceTotalAmount ChargeTotalAmount"
    " PrepaidAmount PayableRoundingAmount PayableAmount",
    "InvoiceLine": "ID UUID Note InvoicedQuantity " + LINE,
    "CreditNoteLine": "ID UUID Note CreditedQuantity " + LINE,
    "DebitNoteLine": "ID UUID Note DebitedQuantity " + LINE,
    "Item": "Description Name",
    "Price": "PriceAmount BaseQuantity",
}
ORDER["RequestedMonetaryTotal"] = ORDER["LegalMonetaryTotal"]
NEEDED = {
    "Invoice": "ID IssueDate AccountingSupplierParty AccountingCustomerParty LegalMonetaryTotal InvoiceLine",
    "CreditNote": "ID IssueDate AccountingSupplierParty AccountingCustomerParty LegalMonetaryTotal CreditNoteLine",
    "DebitNote": "ID IssueDate AccountingSupplierParty AccountingCustomerParty RequestedMonetaryTotal DebitNoteLine",
    "LegalMonetaryTotal": "PayableAmount", "RequestedMonetaryTotal": "PayableAmount", "TaxTotal": "TaxAmount",
    "TaxSubtotal": "TaxAmount TaxCategory", "TaxCategory": "TaxScheme", "PartyTaxScheme": "TaxScheme",
    "AllowanceCharge": "ChargeIndicator Amount", "PaymentMeans": "PaymentMeansCode", "Price": "PriceAmount",
    "InvoiceLine": "ID LineExtensionAmount Item", "CreditNoteLine": "ID", "DebitNoteLine": "ID LineExtensionAmount",
    "PartyName": "Name", "AddressLine": "Line", "InvoiceDocumentReference": "ID",
}


def fail(why):
    raise SystemExit(why)


def local(node):
    return node.tag.rpartition("}")[2]


def check_order(path, node):
    name = local(node)
    names = [local(c) for c in node]
    if name not in ORDER:
        fail("%s: %s is no aggregate that is known here" % (path, name))
    places = ORDER[name].split()
    for child in names:
        if child not in places:
            fail("%s: %s has no place in %s" % (path, child, name))
    at = [places.index(child) for child in names]
    if at != sorted(at):
        fail("%s: the children of %s are out of order: %s" % (path, name, " ".join(names)))
    for child in NEEDED.get(name, "").split():
        if child not in names:
            fail("%s: %s lacks %s" % (path, name, child))
    for child in node:
        if child.tag.startswith(CAC):
            check_order(path, child)
        elif not child.tag.startswith(CBC):
            fail("%s: %s is of no namespace of UBL" % (path, child.tag))
        elif len(child) or not (child.text or "").strip():
            fail("%s: %s is empty" % (path, local(child)))
        elif local(child).endswith("Amount") and child.get("currencyID") is None:
            fail("%s: %s has no currency" % (path, local(child)))


def amount(node, path):
    found = node.find("/".join((CAC if p[0] == "+" else CBC) + p.lstrip("+") for p in path.split("/")))
    return Decimal(found.text) if found is not None else Decimal(0)


def check_totals(path, root):
    kind = local(root)
    total = root.find(CAC + ("Requested" if kind == "DebitNote" else "Legal") + "MonetaryTotal")
    lines = sum(amount(n, "LineExtensionAmount") for n in root.findall(CAC + kind + "Line"))
    off = sum(amount(n, "Amount") for n in root.findall(CAC + "AllowanceCharge"))
    tax = amount(root, "+TaxTotal/TaxAmount")
    parts = sum(amount(n, "TaxAmount") for n in root.findall(CAC + "TaxTotal/" + CAC + "TaxSubtotal"))
    said = {k: amount(total, k) for k in ORDER["LegalMonetaryTotal"].split()}
    for what, a, b in (
            ("lines", lines, said["LineExtensionAmount"]), ("allowances", off, said["AllowanceTotalAmount"]), ("taxes", tax, parts),
            ("without tax", lines - off, said["TaxExclusiveAmount"]), ("with tax", lines - off + tax, said["TaxInclusiveAmount"]),
            ("payable", said["TaxInclusiveAmount"] + said["PayableRoundingAmount"], said["PayableAmount"])):
        if a != b:
            fail("%s: %s: %s is not %s" % (path, what, a, b))
    for n in root.findall(CAC + "TaxTotal/" + CAC + "TaxSubtotal"):
        percent = amount(n, "+TaxCategory/Percent")
        if percent and abs(amount(n, "TaxableAmount") * percent / 100 - amount(n, "TaxAmount")) > Decimal("0.01"):
            fail("%s: a tax is not its percentage" % path)
    beside = path.with_suffix(".json")
    if beside.exists() and Decimal(json.loads(beside.read_text())["total"]) != said["PayableAmount"]:
        fail("%s: the JSON beside has another total" % path)


def main():
    schemas, by_schema, count = os.environ.get("UBL_XSD"), 0, 0
    for path in sorted(Path(sys.argv[1]).glob("*.xml")):
        root = ET.parse(path).getroot()
        kind = local(root)
        if root.tag != "{%s%s-2}%s" % (URN, kind, kind) or kind not in ("Invoice", "CreditNote", "DebitNote"):
            fail("%s: %s is no document of UBL" % (path, root.tag))
        check_order(path, root)
        check_totals(path, root)
        count += 1
        if schemas and shutil.which("xmllint"):
            subprocess.run(["xmllint", "--noout", "--nonet", "--schema", "%s/UBL-%s-2.1.xsd" % (schemas, kind), str(path)],
                           check=True, stderr=subprocess.DEVNULL)
            by_schema += 1
    print("%d documents, %d by schema" % (count, by_schema))


main()

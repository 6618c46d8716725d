# reports: format-free report models and their writers. Only *pdf*.c sees hpdf.h, only pdf_press.c
# HarfBuzz, only *xlsx*.c xlsxwriter.h.
noinst_LIBRARIES += libreports.a
libreports_a_CPPFLAGS = $(AM_CPPFLAGS) $(XLSXWRITER_CFLAGS) $(QRENCODE_CFLAGS) $(ZLIB_CFLAGS) $(HARFBUZZ_CFLAGS) $(PNG_CFLAGS) -DAFORO_FONTDIR='"$(FONTDIR)"'
libreports_a_SOURCES = \
	reports/bill_chart.c \
	reports/bill_doc.c reports/bill_doc.h \
	reports/bill_head.c \
	reports/bill_pdf.c reports/bill_pdf.h \
	reports/bill_proof.c \
	reports/bill_sheet.c reports/bill_sheet.h \
	reports/bill_summary.c \
	reports/bill_tables.c \
	reports/greenbutton.c reports/greenbutton.h reports/journal.c reports/journal.h \
	reports/model.c reports/model.h reports/bills_run.c reports/brand.c reports/brand.h reports/rep_bill.c reports/rep_bill.h reports/rep_office.c reports/rep_office.def reports/rep_office.h \
	reports/out.c reports/out.h \
	reports/out_csv.c \
	reports/out_file.c reports/out_file.h \
	reports/out_json.c \
	reports/out_pdf.c \
	reports/out_pdf_attach.c reports/out_pdf_attach.h \
	reports/out_pdf_canvas.c reports/out_pdf_canvas.h \
	reports/out_pdf_chart.c reports/out_pdf_chart.h \
	reports/out_pdf_draw.c reports/out_pdf_private.h \
	reports/out_pdf_font.c reports/out_pdf_font.h \
	reports/out_pdf_object.c reports/out_pdf_object.h \
	reports/pdf_press.c reports/pdf_press.h \
	reports/out_pdf_picture.c reports/pdf_picture.c reports/pdf_picture.h \
	reports/out_qr.c reports/out_qr.h \
	reports/out_text.c \
	reports/pdf_attachment.c reports/pdf_attachment.h \
	reports/out_xlsx.c \
	reports/out_xlsx_extra.c reports/out_xlsx_extra.h \
	reports/out_xlsx_row.c reports/out_xlsx_row.h \
	reports/out_xlsx_style.c reports/out_xlsx_style.h \
	reports/xlsx_check.c reports/xlsx_check.h \
	reports/xlsx_text.c reports/xlsx_text.h
libreports_a_SOURCES += reports/receipt_paper.c reports/receipt_paper.h reports/receipt_text.c
# Rows that the program reckons.
libreports_a_SOURCES += reports/rep_balance.c reports/rep_suspects.c reports/rep_rules.c reports/rep_queue.c reports/rep_reckon.c reports/rep_reckon.h
libreports_a_SOURCES += reports/receipt_paper.c reports/receipt_paper.h reports/receipt_text.c reports/receipt_pdf.c
libreports_a_SOURCES += reports/export_papers.c reports/export_reports.c reports/export_try.c reports/exports.c reports/exports.h reports/exports_priv.h reports/rep_params.c reports/rep_params.h reports/receipt_print.c
libreports_a_SOURCES += reports/field_paper_pdf.c reports/field_paper_pdf.h
libreports_a_SOURCES += reports/form_pdf.c reports/form_pdf.h reports/notice_pdf.c reports/notice_pdf.h
# The payment barcode.
libreports_a_SOURCES += reports/bill_pay.c reports/out_barcode.c reports/out_barcode.h
# The kiosk's and the counter's printers.
libreports_a_SOURCES += reports/escpos.c reports/escpos.h reports/qr_text.c reports/qr_text.h
libreports_a_SOURCES += reports/rep_losses.c
# Paper on its way out.
libreports_a_SOURCES += reports/printer.c reports/printer.h
libreports_a_SOURCES += reports/note_pdf.c reports/note_pdf.h

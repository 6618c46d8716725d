# tests of reports
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_reports
TESTS += tests/unit/check_reports
tests_unit_check_reports_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_check_reports_SOURCES = tests/unit/check_reports.c tests/unit/check_reports.h \
	tests/unit/test_report_model.c tests/unit/test_out_file.c tests/unit/test_out_csv.c tests/unit/test_out_json.c \
	tests/unit/test_out_text.c tests/unit/test_out_xlsx.c tests/unit/test_xlsx_check.c tests/unit/test_out_pdf.c \
	tests/unit/test_bill_pdf.c tests/unit/test_report_faults.c tests/lib/fault.c tests/lib/fault.h
tests_unit_check_reports_LDADD = libreports.a $(LINK_BASE) $(XLSXWRITER_LIBS) $(HPDF_LIBS) $(HARFBUZZ_LIBS) $(PNG_LIBS) $(QRENCODE_LIBS) $(ZINT_LIBS) $(ZLIB_LIBS) $(UNIT_LIBS)
tests_unit_check_reports_SOURCES += tests/unit/test_escpos.c
tests_unit_check_reports_SOURCES += tests/unit/test_printer.c
endif
# What a busy office prints.
if HAVE_CHECK
check_PROGRAMS += tests/unit/check_papers
TESTS += tests/unit/check_papers
tests_unit_check_papers_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -I$(srcdir)/tests
tests_unit_check_papers_SOURCES = tests/unit/check_papers.c $(QUICK_FIXTURE) tests/lib/office_busy.c tests/lib/office_busy.h tests/lib/office_segments.c tests/lib/office_segments.h
tests_unit_check_papers_SOURCES += tests/unit/check_papers.h tests/unit/test_report_query.c tests/unit/test_losses.c tests/unit/test_biller.c tests/unit/test_ubl.c tests/unit/vee_util.c tests/unit/vee_util.h
tests_unit_check_papers_LDADD = $(LINK_REPORTS) $(UNIT_LIBS)
endif
EXTRA_DIST += tests/lib/sheets_check.py tests/lib/greenbutton_check.py

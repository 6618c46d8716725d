# ui: the console. Only term.c sees ncurses.
noinst_LIBRARIES += libui.a
libui_a_CPPFLAGS = $(AM_CPPFLAGS) $(NCURSES_CFLAGS)
libui_a_SOURCES = \
	ui/cell.c ui/cell.h \
	ui/desk.c ui/desk.h \
	ui/console.c ui/console.h ui/console_priv.h ui/console_stack.c ui/console_status.c ui/console_view.c \
	ui/format.c ui/format.h \
	ui/glyph.c ui/glyph.h \
	ui/job.h ui/model.h \
	ui/meter_ahead.c ui/meter_ahead.h ui/meter_view.c ui/meter_view.h \
	ui/model_jobs.c ui/model_jobs.h \
	ui/key.c ui/key.h \
	ui/lineedit.c ui/lineedit.h \
	ui/rescue.c ui/rescue.h \
	ui/rowsource.c ui/rowsource.h \
	ui/run.c ui/run.h \
	ui/screen.c ui/screen.h ui/screens.def \
	ui/list.c ui/list.h ui/list_view.c ui/list_bills.c \
	ui/screen_command.c ui/screen_login.c ui/screen_meters.c ui/screen_reading.c \
	ui/term.c ui/term.h \
	ui/term_keys.c ui/term_keys.h \
	ui/theme.c ui/theme.h \
	ui/widget_bar.c ui/widget_bar.h \
	ui/widget_chart.c ui/widget_chart.h \
	ui/say.c ui/say.h ui/widget_confirm.c ui/widget_confirm.h \
	ui/widget_filter.c \
	ui/widget_form.c ui/widget_form_view.c ui/widget_form.h \
	ui/widget_help.c ui/widget_help.h \
	ui/widget_palette.c ui/widget_palette.h \
	ui/widget_picker.c ui/widget_picker.h \
	ui/widget_plot.c ui/widget_plot.h \
	ui/widget_table.c ui/widget_table.h ui/widget_table_mark.c ui/widget_table_window.c ui/widget_table_view.c ui/many.c ui/many.h ui/plain.c ui/plain.h ui/plain_line.c ui/console_changed.c ui/console_lock.c ui/console_pick.c ui/form_pick.c ui/copy.c ui/copy.h \
	ui/worker.c ui/worker.h
libui_a_SOURCES += ui/sheet_screen.c ui/sheet_screen.h ui/sheet_table.c ui/sheet_table.h ui/sheet_view.c ui/sheet_view.h \
	ui/page_account.c ui/page_bill.c ui/page_jobs.c ui/page_jobs.h ui/screen_find.c ui/screen_payment.c ui/settled.c ui/settled.h \
	ui/list_field.c ui/screen_ask.c ui/screen_queue.c ui/screen_receipt.c ui/list_money.c ui/list_office.c ui/list_gas.c ui/list_system.c
# The public terminal.
libui_a_SOURCES += ui/kiosk.c ui/kiosk.h ui/kiosk_view.c ui/kiosk_run.c ui/kiosk_run.h
# Other words for screens and commands (data/synonyms.csv).
libui_a_SOURCES += ui/synonyms.c ui/synonyms.h
nodist_libui_a_SOURCES = ui/synonyms_data.c
# Rows of lists as pages.
libui_a_SOURCES += ui/page_rows.c ui/row_sheet.c ui/row_sheet.h
libui_a_SOURCES += ui/reading_view.c ui/reading_view.h

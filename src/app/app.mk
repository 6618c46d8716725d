# app: the command path, its commands, and what reads for people.
noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = src/app/bill_build.c src/app/bill_build.h src/app/bill_item.c src/app/bill_item.h \
	src/app/bill_explain.c src/app/bill_again.c src/app/bill_again.h src/app/bill_change.c src/app/bill_change.h src/app/tariff_try.c src/app/tariff_try.h src/app/bill_usage.c src/app/bill_usage.h src/app/proof_trace_charged.c src/app/proof_trace_share.h src/app/import_factors.c src/app/bill_charged.c src/app/bill_gas.c src/app/bill_charged_view.c src/app/bill_charged_view.h src/app/cmd_gas.c src/app/gas.h \
	src/app/bill_explain.c src/app/tariff_try.c src/app/tariff_try.h src/app/bill_usage.c src/app/bill_usage.h src/app/proof_trace_charged.c src/app/proof_trace_share.h src/app/import_factors.c src/app/bill_charged.c src/app/bill_gas.c src/app/bill_charged_view.c src/app/bill_charged_view.h src/app/bill_dial.c src/app/bill_dial.h src/app/cmd_gas.c src/app/gas.h \
	src/app/bill_run.c src/app/bill_run.h src/app/cmd_swap.c src/app/meter_end.h src/app/cli_args.c src/app/cli_args.h src/app/cmd.h src/app/cmd_meter.c src/app/cmd_office.c \
	src/app/bill_run.c src/app/bill_run.h src/app/cli_args.c src/app/cli_args.h src/app/cmd.h src/app/cmd_meter.c src/app/cmd_key.c src/app/cmd_office.c src/app/cmd_recover.c src/app/cmd_request.c src/app/recovery.c src/app/recovery.h src/app/request.c src/app/request.h src/app/user_key.c src/app/user_key.h \
	src/app/cmd_tariff.c src/app/command.c src/app/command.h src/app/commands.c src/app/commands.def \
	src/app/files.c src/app/files.h src/app/group.c src/app/group.h src/app/signer.c src/app/signer.h src/app/judge.c src/app/judge.h src/app/cmd_reading.c src/app/lookup.c src/app/lookup.h src/app/meter_data.c src/app/meter_data.h \
	src/app/office.c src/app/office.h src/app/office_keys.c src/app/query_key.c src/app/query_key.h src/app/query_bill.c src/app/query_bill.h \
	src/app/backup.c src/app/backup.h src/app/backup_file.c src/app/backup_file.h src/app/tar.c src/app/tar.h \
	src/app/attach.c src/app/attach.h src/app/cmd_attach.c src/app/cmd_personal.c src/app/erasures.c src/app/erasures.h src/app/erasing.c src/app/erasing.h \
	src/app/backups_made.c src/app/backups_made.h \
	src/app/office.c src/app/office.h src/app/personal.c src/app/personal.h src/app/personal_export.c src/app/query_bill.c src/app/query_bill.h \
	src/app/query_meter.c src/app/query_meter.h src/app/session.c src/app/session.h
nodist_libapp_a_SOURCES = src/app/grants_data.c
# What comes in from outside: mappings, imports, readings.
libapp_a_SOURCES += src/app/cmd_import.c src/app/import_batch.c src/app/import_batch.h src/app/import_billed.c \
	src/app/import_billed.h src/app/import_chunk.c \
	src/app/import_chunk.h src/app/import_discard.c src/app/import_discard.h src/app/import_facts.c src/app/import_facts.h src/app/import_file.c src/app/import_file.h \
	src/app/import_hour.c src/app/import_hour.h src/app/import_lookup.c src/app/import_lookup.h \
	src/app/import_job.c src/app/import_job.h src/app/import_line.c src/app/import_line.h src/app/import_lines.c src/app/import_lines.h src/app/import_meters.c \
	src/app/name_map.c src/app/name_map.h src/app/import_readings.c src/app/import_records.c src/app/import_owed.c src/app/import_refusals.def src/app/import_report.c \
	src/app/import_report.h src/app/import_row.c src/app/import_row.h src/app/import_run.c src/app/import_run.h \
	src/app/import_sort.c src/app/import_sort.h src/app/intake_room.c src/app/intake_room.h src/app/mapping.c src/app/mapping.h src/app/mapping_fields.def src/app/mapping_kinds.def \
	src/app/reading_judge.c src/app/reading_judge.h
# Devices and their packets.
libapp_a_SOURCES += src/app/cmd_device.c src/app/device_cache.c src/app/device_cache.h src/app/import_packets.c src/app/import_packets.h \
	src/app/packet_check.c src/app/packet_check.h src/app/packet_numbers.c src/app/packet_numbers.h src/app/packet_intake.c src/app/packet_intake.h src/app/packet_store.c \
	src/app/cmd_segment.c src/app/segments.c src/app/segments.h src/app/segments_outside.c src/app/segments_outside.h src/app/packet_item.c src/app/packet_item.h src/app/segment_offline.c src/app/segment_offline.h src/app/segment_source.c src/app/verify_segments.c src/app/verify_segments.h src/app/segment_write.c src/app/segment_write.h \
	src/app/packet_store.h src/app/verify_packets.c src/app/verify_packets.h
# Proofs: made, and checked without any office.
libapp_a_SOURCES += src/app/bill_code.c src/app/bill_code.h src/app/proof_check.c src/app/proof_check.h \
	src/app/proof_make.c src/app/proof_make.h src/app/proof_make_bill.c src/app/proof_make_keys.c src/app/proof_make_payment.c src/app/proof_maker.h \
	src/app/proof_targets.def src/app/proof_trace.c src/app/proof_trace.h src/app/proof_trace_bill.c \
	src/app/proof_make_evidence.c src/app/proof_trace_evidence.c src/app/proof_trace_keys.c src/app/proof_trace_packet.c src/app/proof_trace_payment.c
# Verification of an office, down to a rebuild of its tables.
libapp_a_SOURCES += src/app/commitments.def src/app/rebuild.c src/app/rebuild.h src/app/rebuild_spawn.c src/app/verify_deep.c \
	src/app/verify_deep.h src/app/verify_kept.c src/app/verify_office.c src/app/verify_office.h src/app/verify_rows.c \
	src/app/verify_schema.c
# What accounts owe, and the money that comes in.
libapp_a_SOURCES += src/app/cmd_account.c src/app/cmd_drawer.c src/app/cmd_payment.c src/app/payment.h \
	src/app/receivable.c src/app/receivable.h src/app/settle.c
# Checkpoints, and what stands outside the database about them.
libapp_a_SOURCES += src/app/cmd_checkpoint.c src/app/high_water.c src/app/high_water.h src/app/high_water_tpm.c src/app/office_checkpoint.c \
	src/app/office_checkpoint.h src/app/verify_published.c
libapp_a_SOURCES += src/app/cmd_bill.c src/app/cmd_billed.c src/app/cmd_deposit.c src/app/cmd_document.c src/app/cmd_late_fee.c src/app/cmd_note.c \
	src/app/cmd_plan.c src/app/cmd_policy.c src/app/query_account.c src/app/note.h src/app/plan.h src/app/policy.h
libapp_a_SOURCES += src/app/bank_csv.c src/app/bank_import.c src/app/bank_import.h src/app/bank_key.c src/app/bank_key.h src/app/bank_match.c src/app/bank_match.h \
	src/app/cmd_bank.c
libapp_a_SOURCES += src/app/export_tiles.c src/app/export_tiles.h
# Collection, disputes, work in the field.
libapp_a_SOURCES += src/app/cmd_dispute.c src/app/cmd_work.c src/app/work.h
# Witnesses, who cosign what offices publish.
libapp_a_SOURCES += src/app/tiles_dir.c src/app/tiles_dir.h src/app/witness.c src/app/witness.h src/app/witness_judge.c \
	src/app/witness_judge.h src/app/witness_key.c src/app/witness_memory.c src/app/witness_memory.h
# Validation rules as the office set them.
libapp_a_SOURCES += src/app/cmd_rule.c src/app/rule_settings.h
libapp_a_SOURCES += src/app/cmd_collection.c src/app/cmd_cut.c src/app/cut_hold.c src/app/cut_hold.h src/app/cmd_dispute.c src/app/cmd_work.c src/app/collection.c src/app/collection.h src/app/work.h
# What comes from another system.
libapp_a_SOURCES += src/app/query_find.c src/app/query_find.h
# Receipts.
libapp_a_SOURCES += src/app/receipt.c src/app/receipt.h
# What waits for a decision.
libapp_a_SOURCES += src/app/queue.c src/app/queue.h src/app/queue_detail.c src/app/queue_load.h src/app/use_history.c src/app/use_history.h
# What a role may run, and on which face of the program.
libapp_a_SOURCES += src/app/permitted.c src/app/permitted.h
libapp_a_SOURCES += src/app/cmd_receipt.c src/app/receipt.c src/app/receipt.h
# Lists that people scroll.
libapp_a_SOURCES += src/app/list.c src/app/list.h src/app/list_rows.c
# Pages and lists for screens.
libapp_a_SOURCES += src/app/list_field.def src/app/list_money.def src/app/list_office.def src/app/page.c src/app/page.h src/app/pages.def \
	src/app/page_account.c src/app/page_bill.c src/app/page_entry.c src/app/page_home.c src/app/page_meter.c src/app/page_pay.c \
	src/app/page_receipt.c
libapp_a_SOURCES += src/app/old_number.c src/app/old_number.h
# The filter of a million meters.
libapp_a_SOURCES += src/app/meters_find.c src/app/meters_index.c src/app/meters_run.h src/app/search.c src/app/search.h src/app/search_build.c \
	src/app/meters_facts.c src/app/search_facts.c src/app/search_priv.h src/app/search_tail.c src/app/search_order.c src/app/search_touch.def \
	src/app/meter_cells.c src/app/meter_cells.h src/app/meter_order.c src/app/meter_order.h
# Codes in the reader's words.
libapp_a_SOURCES += src/app/words.c src/app/words.h src/app/words.def src/app/kind_words.def src/app/entry_fields.def src/app/entry_say.c \
	src/app/entry_say.h
# Estimates.
libapp_a_SOURCES += src/app/cmd_estimate.c src/app/estimate_data.c src/app/estimating.c src/app/estimating.h
libapp_a_SOURCES += src/app/billed.c src/app/billed.h src/app/cmd_reestimate.c
libapp_a_SOURCES += src/app/charges.c src/app/charges.h src/app/charge_layout.c src/app/charge_values.def src/app/cmd_charges.c
# The kiosk: PINs, what customers do by themselves.
libapp_a_SOURCES += src/app/cmd_own.c src/app/own.h src/app/pin.c src/app/pin.h
# What compensates an entry.
libapp_a_SOURCES += src/app/undo.c src/app/undo.h
libapp_a_SOURCES += src/app/outcome.c src/app/outcome.h
libapp_a_SOURCES += src/app/cmd_paper.c src/app/field_paper.c src/app/field_paper.h
# The office's face on paper.
libapp_a_SOURCES += src/app/cmd_brand.c
# Decisions on readings.
libapp_a_SOURCES += src/app/cmd_decide.c src/app/decide.h src/app/decide_preview.c
libapp_a_SOURCES += src/app/cmd_undo.c
libapp_a_SOURCES += src/app/notices.c src/app/notices.h
libapp_a_SOURCES += src/app/bill_run_priv.h src/app/bill_scope.c src/app/bill_preview.c src/app/bill_exceptions.def src/app/cmd_cycle.c src/app/alert_titles.def
# Feeders, and checks over a window of time.
libapp_a_SOURCES += src/app/balance.c src/app/balance.h src/app/cmd_link.c src/app/cmd_meter_check.c
libapp_a_SOURCES += src/app/import_exchange.c src/app/import_exchange.h
libapp_a_SOURCES += src/app/import_visits.c
libapp_a_SOURCES += src/app/page_settings.c
# Meters that may count too little.
libapp_a_SOURCES += src/app/suspects.c src/app/suspects.h
libapp_a_SOURCES += src/app/document_out.c src/app/document_out.h
# What feeders lose.
libapp_a_SOURCES += src/app/losses.c src/app/losses.h src/app/page_losses.c src/app/page_losses.h
# Who collects, under which identifiers.
libapp_a_SOURCES += src/app/biller.c src/app/biller.h src/app/cmd_biller.c
# What an account is billed for.
libapp_a_SOURCES += src/app/bill_assigned.c src/app/bill_assigned.h
libapp_a_SOURCES += src/app/ubl_out.c src/app/ubl_out.h
libapp_a_SOURCES += src/app/note_paper.c src/app/note_paper.h
libapp_a_SOURCES += src/app/note_lines.c src/app/note_lines.h
# Attachments beside what they belong to.
libapp_a_SOURCES += src/app/attached.c src/app/attached.h
libapp_a_SOURCES += src/app/changed.c src/app/changed.h
libapp_a_SOURCES += src/app/import_swaps.c src/app/import_swaps.h
# What fields of forms may be filled with.
libapp_a_SOURCES += src/app/pick.c src/app/pick.def src/app/pick.h src/app/personal_join.h
# What makes large lists fast.
libapp_a_SOURCES += src/app/index_file.c src/app/index_file.h src/app/list_build.c src/app/list_index.c src/app/list_index.h \
	src/app/list_index_priv.h src/app/list_indexed.def src/app/list_place.c src/app/list_seek.c src/app/list_sql.h src/app/list_tail.c src/app/list_text.c src/app/list_touch.def
libapp_a_SOURCES += src/app/figure_sql.h

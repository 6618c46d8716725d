# domain: the office's rules as pure functions (no SQL, no clock, no I/O, no floating point; they see base and
# crypto/hash.h), and the projectors of its tables.
noinst_LIBRARIES += libdomain.a
libdomain_a_SOURCES = \
	src/domain/bank.c src/domain/bank.h src/domain/bank_camt.c src/domain/bank_mt940.c \
	src/domain/bank_details.c src/domain/bank_details.h \
	src/domain/bill_calc.c src/domain/bill_calc.h \
	src/domain/project_gas.c src/domain/charged.c src/domain/charged.h \
	src/domain/component.c src/domain/component.h src/domain/components.def \
	src/domain/component_levy.c src/domain/component_share.c src/domain/component_terms.c src/domain/component_factor.c \
	src/domain/component_time.c src/domain/component_use.c \
	src/domain/exact.c src/domain/exact.h \
	src/domain/jread.c src/domain/jread.h \
	src/domain/meter.c src/domain/meter.h \
	src/domain/packet.c src/domain/packet.h src/domain/packet_json.c src/domain/packet_ocmf.c \
	src/domain/packet_refusals.def \
	src/domain/period.c src/domain/period.h \
	src/domain/project.c src/domain/project.h \
	src/domain/project_account.c src/domain/project_bank.c src/domain/project_bill.c src/domain/project_meter.c \
	src/domain/project_money.h src/domain/project_note.c src/domain/project_payment.c \
	src/domain/project_office.c src/domain/project_reading.c \
	src/domain/project_bill.c src/domain/project_meter.c \
	src/domain/project_office.c src/domain/project_personal.c src/domain/project_reading.c \
	src/domain/project_device.c src/domain/project_segment.c src/domain/project_office.c src/domain/project_reading.c \
	src/domain/project_key.c src/domain/project_office.c src/domain/project_request.c src/domain/project_reading.c \
	src/domain/interleave.c src/domain/interleave.h \
	src/domain/rules.c src/domain/rules.h src/domain/rules.def src/domain/classes.def src/domain/rules_judge.h \
	src/domain/estimate.c src/domain/estimate.h src/domain/suspicion.c src/domain/suspicion.h src/domain/rules_window.c src/domain/rules_period.c src/domain/rules_reading.c src/domain/rules_text.c \
	src/domain/tariff.c src/domain/tariff.h \
	src/domain/tou.c src/domain/tou.h \
	src/domain/urdb.c src/domain/urdb.h src/domain/urdb_parts.h src/domain/urdb_rates.c
# Witnesses and admitted gaps.
libdomain_a_SOURCES += src/domain/project_evidence.c
# Disputes, work in the field.
libdomain_a_SOURCES += src/domain/project_collection.c src/domain/project_dispute.c src/domain/project_work.c
# What comes in files.
libdomain_a_SOURCES += src/domain/project_import.c
libdomain_a_SOURCES += src/domain/project_exchange.c
libdomain_a_SOURCES += src/domain/project_paper.c
libdomain_a_SOURCES += src/domain/project_cycle.c
libdomain_a_SOURCES += src/domain/pay_code.c src/domain/pay_code.h src/domain/tax_id.c src/domain/tax_id.h src/domain/tax_schemes.def
# A bill as the ledger records it.
libdomain_a_SOURCES += src/domain/bill_row.c src/domain/bill_row.h

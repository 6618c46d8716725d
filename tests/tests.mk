# Unit tests: one Check program a floor, tests/unit/check_FLOOR; each floor's list is its own file.
include tests/unit/base.mk
include tests/unit/crypto.mk
include tests/unit/store.mk
include tests/unit/ledger.mk
include tests/unit/domain.mk
include tests/unit/app.mk
include tests/unit/reports.mk
include tests/unit/ui.mk

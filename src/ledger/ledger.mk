# ledger: see docs/architecture

# reports: see docs/architecture

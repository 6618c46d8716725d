# data: see docs/architecture

# crypto: see docs/architecture

# store: see docs/architecture

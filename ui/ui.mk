# ui: see docs/architecture

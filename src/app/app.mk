# app: see docs/architecture

# domain: see docs/architecture

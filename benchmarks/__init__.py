"""What is fast, measured: each module prints ratios against a reference that runs beside it, never bare seconds."""

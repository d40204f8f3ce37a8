"""The practitioner's queue: what waits, the most urgent first. No tables of its own: it reads the others."""

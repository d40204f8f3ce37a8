"""The client's home: where I am, what is normal today, what is due, what the clinic answered. No tables of its own."""

"""What was done in a treatment session: a draft, then signed, then only addenda. The client reads a summary."""

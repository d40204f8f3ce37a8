"""What a client reads, understands, signs and may take back: texts in versions, and signatures that keep the words."""

"""A believable clinic, told as a story: drawn and written by our own code, never downloaded."""

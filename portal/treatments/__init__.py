"""The catalogue: what the clinic offers, how long it takes, and how long the scalp then rests. An admin edits it."""

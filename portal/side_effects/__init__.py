"""What clients notice after a session: reported in a minute, placed against the expected course, and answered at once.

Which report needs a person, and how soon, is decided by a table of rules that a clinician can read (`triage.toml`).
"""

"""Health questions as data in versions, answers that are only ever added, the check before a session, and a look."""

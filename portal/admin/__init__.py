"""Screens for admins: the team, the audit record, mail and jobs. No clinical word, no photo; no tables of its own."""

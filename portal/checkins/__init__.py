"""Clients are asked how it went after a session, and again while a report is open; who does not answer becomes a task.

Each question is a row with a clock of its own: reminded once, then answered by any report of its time, or missed.
"""

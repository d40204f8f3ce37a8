"""Appointments as people look at them: the team's day and week, calendar feeds, invitations, reminders.

It owns the feeds and the memory of what was reminded; every appointment belongs to `bookings`.
"""

"""When an appointment could be: places, rooms, devices, weekly hours, closures, one-off openings, time off.

It knows nothing of appointments: time that is taken comes in as spans.
"""

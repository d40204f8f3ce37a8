"""Recovery after a session: where the client stands on the expected course, and all clients at once for practitioners.

It only reads: reports are judged by `side_effects`, clocks run in `escalations`.
"""

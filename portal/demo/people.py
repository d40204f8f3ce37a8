"""The sign-ins of the demo clinic, shown on the sign-in page in demo mode only."""

PASSWORD = "needles-and-hair"  # noqa: S105 - public on purpose: it opens nothing but the demo
SIGN_INS = (
    ("client@example.test", "mid-course, with photos and side effects"),
    ("client2@example.test", "consultation booked, no verdict yet"),
    ("client3@example.test", "not suitable for now, with the reason"),
    ("client4@example.test", "about to begin: consent signed, the whole course booked"),
    ("client9@example.test", "in recovery: check-ins answered, missed and due"),
    ("practitioner@example.test", "the queue, reviews, verdicts and records"),
    ("practitioner2@example.test", "a colleague"),
    ("admin@example.test", "the clinic’s settings, team and audit"),
)

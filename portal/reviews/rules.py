"""What can be reviewed."""

from enum import StrEnum


class Subject(StrEnum):
    """The kind of thing a review is about."""

    PHOTO = "photo"
    REPORT = "report"

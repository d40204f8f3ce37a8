"""The next version of the triage table while it is worked on."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from portal.kit import clock
from portal.kit.db import Row


class TriageDraft(Row, table=True):
    """There is one at most, it always reads as a sound table, and no report is judged by it."""

    place: str = Field(default="next", unique=True, max_length=8)
    text: str
    edited_at: datetime = Field(default_factory=clock.now)
    edited_by_id: UUID | None = Field(default=None, foreign_key="person.id")

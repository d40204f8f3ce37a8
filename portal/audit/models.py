"""The audit table."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from portal.kit import clock
from portal.kit.db import Row


class AuditEntry(Row, table=True):
    """Who (`actor`), what (`action` on `subject`), whose data (`client_id`), when. Holds no clinical word."""

    at: datetime = Field(default_factory=clock.now, index=True)
    actor_id: UUID | None = Field(default=None, index=True)
    actor_name: str = Field(max_length=120)
    action: str = Field(max_length=80)
    subject: str = Field(default="", max_length=60)
    subject_id: UUID | None = None
    client_id: UUID | None = None

    __table_args__ = (Index("ix_audit_entry_client", "client_id", "at"),)

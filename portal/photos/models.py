"""Photos and the key that opens one client's photos."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.kit import clock
from portal.kit.db import Row, enum_type
from portal.photos.rules import NAMES, View


class PhotoKey(Row, table=True):
    """One client's data key, wrapped by the master key. Without this row nobody can open the client's files."""

    client_id: UUID = Field(foreign_key="person.id", unique=True)
    wrapped: bytes = Field(sa_type=sa.LargeBinary)


class Photo(Row, table=True):
    """One photo: the original and three renditions lie sealed in the store, under random names."""

    client_id: UUID = Field(foreign_key="person.id")
    uploaded_by: UUID = Field(foreign_key="person.id")
    view: View = Field(sa_type=enum_type(View))
    taken_on: date | None = None
    received_at: datetime = Field(default_factory=clock.now)
    reviewed_at: datetime | None = None
    sha256: str = Field(max_length=64)
    dhash: str = Field(max_length=16)
    width: int
    height: int
    format: str = Field(max_length=8)
    size: int
    original: str = Field(max_length=60)
    large: str = Field(max_length=60)
    medium: str = Field(max_length=60)
    small: str = Field(max_length=60)

    __table_args__ = (
        sa.UniqueConstraint("client_id", "sha256"),
        sa.Index("ix_photo_series", "client_id", "view", "taken_on"),
        sa.Index(
            "ix_photo_unreviewed",
            "received_at",
            sqlite_where=sa.text("reviewed_at IS NULL"),
            postgresql_where=sa.text("reviewed_at IS NULL"),
        ),
    )

    @property
    def view_name(self) -> str:
        return NAMES[self.view]

    def fits(self, longest: int) -> tuple[int, int]:
        """Width and height of a rendition whose longest side is at most `longest` pixels."""
        scale = min(1.0, longest / max(self.width, self.height))
        return round(self.width * scale), round(self.height * scale)

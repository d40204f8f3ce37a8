"""Derived pictures, the graph to their sources, what left the house, and the statement after a withdrawal."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from portal.derivations import wording
from portal.derivations.rules import Cause, DerivationKind, Use
from portal.kit import clock
from portal.kit.db import Row, enum_type

_FOR_OTHERS = sa.text("closed_at IS NULL AND use <> 'record'")


class Derivation(Row, table=True):
    """One picture or document made of photos, sealed in the store under a random name.

    `closed_at`: its bytes are gone and `stored` is empty; the row stays in the graph.
    """

    client_id: UUID = Field(foreign_key="person.id")
    kind: DerivationKind = Field(sa_type=enum_type(DerivationKind))
    use: Use = Field(default=Use.RECORD, sa_type=enum_type(Use))
    stored: str = Field(max_length=60)
    media_type: str = Field(default="image/jpeg", max_length=40)
    width: int
    height: int
    made_by_id: UUID | None = Field(default=None, foreign_key="person.id")
    made_at: datetime = Field(default_factory=clock.now)
    closed_at: datetime | None = None

    __table_args__ = (
        sa.Index("ix_derivation_client", "client_id", "made_at"),
        sa.Index("ix_derivation_for_others", "client_id", sqlite_where=_FOR_OTHERS, postgresql_where=_FOR_OTHERS),
        sa.CheckConstraint("(closed_at IS NULL) = (stored <> '')", name="closed_without_bytes"),
    )

    @property
    def is_picture(self) -> bool:
        return self.media_type == "image/jpeg"

    @property
    def file_name(self) -> str:
        """What a downloaded copy is called: no name, no date of a person."""
        return f"{self.kind.value}.{'jpg' if self.is_picture else 'pdf'}"


class DerivationSource(Row, table=True):
    """One edge of the graph: a derivation and one photo or derivation it was made of. Never changed."""

    client_id: UUID = Field(foreign_key="person.id", index=True)
    derivation_id: UUID = Field(foreign_key="derivation.id", index=True)
    photo_id: UUID | None = Field(default=None, foreign_key="photo.id", index=True)
    parent_id: UUID | None = Field(default=None, foreign_key="derivation.id", index=True)

    __table_args__ = (
        sa.CheckConstraint("(photo_id IS NULL) <> (parent_id IS NULL)", name="one_source"),
        sa.CheckConstraint("parent_id <> derivation_id", name="not_of_itself"),
    )


class HandedOut(Row, table=True):
    """A copy left the portal: an original or a derivation was downloaded. What happens to it is outside our reach."""

    client_id: UUID = Field(foreign_key="person.id", index=True)
    photo_id: UUID | None = Field(default=None, foreign_key="photo.id")
    derivation_id: UUID | None = Field(default=None, foreign_key="derivation.id")
    use: Use = Field(sa_type=enum_type(Use))
    by_id: UUID = Field(foreign_key="person.id")
    at: datetime = Field(default_factory=clock.now)

    __table_args__ = (sa.CheckConstraint("(photo_id IS NULL) <> (derivation_id IS NULL)", name="one_thing"),)


class WithdrawalStatement(Row, table=True):
    """What a withdrawal did, dated: what went, what stays and why, what is outside our reach, each a list of sentences
    with their figures. Never changed.
    """

    client_id: UUID = Field(foreign_key="person.id", index=True)
    cause: Cause = Field(sa_type=enum_type(Cause))
    use: Use = Field(sa_type=enum_type(Use))
    photo_id: UUID | None = Field(default=None, foreign_key="photo.id")
    at: datetime = Field(default_factory=clock.now)
    gone: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    kept: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)
    outside: list[dict[str, Any]] = Field(default_factory=list, sa_type=sa.JSON)

    @property
    def headline(self) -> str:
        return wording.headline(self.cause, self.use)

    @property
    def headline_for_team(self) -> str:
        return wording.headline_for_team(self.cause, self.use)


class Discarded(Row, table=True):
    """The name of an object that must be deleted from the store; the row goes when the object is gone."""

    name: str = Field(unique=True, max_length=60)
    at: datetime = Field(default_factory=clock.now, index=True)

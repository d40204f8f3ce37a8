"""Each feature claims the tables that hold a person's data: what an export contains and an erasure removes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, SQLModel


@dataclass(frozen=True, slots=True)
class Claim:
    """One table and the column that names whose data a row is. `kept`: why a row survives erasure, if it does."""

    table: type[SQLModel]
    owner: str
    kept: str = ""
    before_erase: Callable[[Session, UUID], None] | None = None

    def collect(self, db: Session, person_id: UUID) -> list[dict[str, Any]]:
        """The person's rows as plain values."""
        rows = db.connection().execute(sa.select(self._table).where(self._table.c[self.owner] == person_id))
        return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's own public name

    def erase(self, db: Session, person_id: UUID) -> None:
        """Remove the person's rows, unless there is a reason to keep them."""
        if self.before_erase is not None:
            self.before_erase(db, person_id)
        if not self.kept:
            db.connection().execute(sa.delete(self._table).where(self._table.c[self.owner] == person_id))

    @property
    def _table(self) -> sa.Table:
        return self.table.__table__  # type: ignore[attr-defined, no-any-return]


Claims = Sequence[Claim]

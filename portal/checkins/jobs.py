"""The job: plan what is new, then every step that is due, each in a transaction of its own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlmodel import Session

from portal.checkins import queries, steps
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.jobs import Surroundings, each


def advance(surroundings: Surroundings, payload: dict[str, Any]) -> None:
    """One question's trouble keeps no other from its step; what went wrong last is raised, to be tried again."""
    at, everything = clock.now(), bool(payload.get("all"))
    with transaction(surroundings.engine, write=False) as db:
        new, open_reports = queries.to_plan(db, at), queries.unfollowed(db, at)
    each(new, lambda one: _once(surroundings, steps.plan, one))
    each(open_reports, lambda one: _once(surroundings, steps.follow, one))
    with transaction(surroundings.engine, write=False) as db:
        ids = queries.to_look_at(db, None if everything else at)
    each(ids, lambda one: _advance(surroundings, one, even_if_not_due=everything))


def _once(surroundings: Surroundings, verb: Callable[[Session, UUID], None], which: UUID) -> None:
    with transaction(surroundings.engine) as db:
        verb(db, which)


def _advance(surroundings: Surroundings, check_in_id: UUID, *, even_if_not_due: bool) -> None:
    is_busy = True
    while is_busy:
        with transaction(surroundings.engine) as db:
            is_busy = steps.advance(db, check_in_id, even_if_not_due=even_if_not_due)

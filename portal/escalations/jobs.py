"""The job: every step that is due, each in a transaction of its own."""

from typing import Any
from uuid import UUID

from portal.escalations import queries, service
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.jobs import Surroundings, each


def advance(surroundings: Surroundings, payload: dict[str, Any]) -> None:
    """One clock's trouble keeps no other from its step; what went wrong last is raised, so that it is tried again."""
    everything = bool(payload.get("all"))
    with transaction(surroundings.engine, write=False) as db:
        ids = queries.to_look_at(db, None if everything else clock.now())
    each(ids, lambda one: _advance(surroundings, one, even_if_not_due=everything))


def _advance(surroundings: Surroundings, escalation_id: UUID, *, even_if_not_due: bool) -> None:
    is_busy = True
    while is_busy:
        with transaction(surroundings.engine) as db:
            is_busy = service.advance(db, escalation_id, even_if_not_due=even_if_not_due)

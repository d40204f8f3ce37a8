"""The waiting list's job: every step that is due, each in a transaction of its own."""

from portal.kit.db import transaction
from portal.kit.jobs import Surroundings
from portal.waiting import service


def offer(surroundings: Surroundings, _: object) -> None:
    """Lapse what was not answered, then offer what is free, until there is nothing left to do."""
    for step in (service.lapse_next, service.offer_next):
        is_busy = True
        while is_busy:
            with transaction(surroundings.engine) as db:
                is_busy = step(db)

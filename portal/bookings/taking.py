"""Finding the room and the device for a time, and taking it: what booking, holding and moving share."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, delete

from portal.accounts.rules import Viewer
from portal.availability import queries as availability
from portal.availability.queries import Slot
from portal.availability.rules import Span
from portal.bookings import claims, queries, refusals
from portal.bookings.models import SlotHold
from portal.kit import clock
from portal.kit.errors import Refused
from portal.treatments.models import Treatment

# After a room or device is lost to somebody quicker the next one is tried: more often than any clinic has rooms.
_TRIES = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time that somebody wants: for which appointment or slot hold, for whom, what, with whom, from when."""

    owner_id: UUID
    client_id: UUID
    treatment: Treatment
    practitioner_id: UUID
    starts_at: datetime

    @property
    def blocked(self) -> Span:
        """The visit with the time to prepare and to tidy."""
        return availability.length_of(self.treatment).blocks(self.starts_at)

    @property
    def times(self) -> dict[str, Any]:
        """When it is and what it blocks, by column."""
        return {
            "starts_at": self.starts_at,
            "ends_at": availability.length_of(self.treatment).ends(self.starts_at),
            "blocked_from": self.blocked.start,
            "blocked_until": self.blocked.end,
        }

    def claim(self, slot: Slot) -> claims.Claim:
        """The client is taken for the visit itself, everybody else with the time to prepare and to tidy."""
        others = (self.practitioner_id, slot.room_id, slot.device_id)
        taken = {one: self.blocked for one in others if one}
        return {**taken, self.client_id: Span(self.starts_at, self.times["ends_at"])}


def take(
    db: Session, actor: Viewer | None, wanted: Wanted, within: Span | None, expires_at: datetime | None = None
) -> dict[str, Any]:
    """Find room and device, and take everybody's time, all or nothing: with whom and where it is, by column. What the
    client holds at that time gives way to it. Refused, and nothing has changed, when it is not to be had.
    """
    refusals.require_ahead(db, actor, wanted.starts_at, within)
    limits = within or queries.windows(db, actor).bookable(clock.now())
    day = wanted.starts_at.astimezone(availability.clinic_zone(db)).date()
    for _ in range(_TRIES):
        who, whose, moving = wanted.practitioner_id, wanted.client_id, wanted.owner_id
        offers = queries.slots(db, actor, wanted.treatment, day, 1, who, whose, moving, limits)
        slot = next((one for offer in offers for one in offer.slots if one.starts_at == wanted.starts_at), None)
        if slot is None:
            break
        held = [one.id for one in queries.holds_over(db, wanted.client_id, wanted.blocked)]
        if claims.take(db, wanted.owner_id, wanted.claim(slot), expires_at, held):
            db.exec(delete(SlotHold).where(col(SlotHold.id).in_(held)))
            places = {"place_id": slot.place_id, "room_id": slot.room_id, "device_id": slot.device_id}
            return {"practitioner_id": who, **places}
    raise Refused("That time is no longer free. Please choose another one.")


def any_time() -> Span:
    """No limits but that it is not over: what the clinic offers itself."""
    return Span(clock.now(), clock.now() + timedelta(days=3650))

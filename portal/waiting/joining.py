"""The page on which somebody says what suits them: for which treatment, when, with whom, instead of what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.bookings import gates
from portal.bookings.chooser import treatment_for
from portal.bookings.models import Appointment
from portal.kit import clock
from portal.kit.forms import Bound, blank
from portal.suitability.answer import GateAnswer
from portal.treatments import queries as treatments
from portal.treatments.models import Treatment
from portal.waiting import queries
from portal.waiting.models import WaitingEntry


@dataclass(frozen=True, slots=True)
class Joining:
    """Everything the form shows. `swaps`: what could be given back; `gate`: what it says about today."""

    client: Person
    treatment: Treatment
    offered: Sequence[Treatment]
    practitioners: Sequence[Person]
    swaps: Sequence[Appointment]
    gate: GateAnswer
    entry: WaitingEntry | None

    @property
    def people(self) -> list[tuple[UUID, str]]:
        """The practitioners as choices; empty where there is no choice."""
        return [(one.id, one.name) for one in self.practitioners] if len(self.practitioners) > 1 else []

    @property
    def is_choice(self) -> bool:
        """Whether something can be kept or given back; of consultations there is only one at once."""
        return bool(self.swaps) and not self.treatment.is_consultation

    def form(self, swap: UUID | None = None) -> Bound[Any]:
        """What is known already: the wishes there are, else the appointment somebody comes from."""
        if self.entry is None:
            known = next((one.id for one in self.swaps if one.id == swap), None)
            return blank(treatment=self.treatment.slug, swap=known or "")
        return blank(
            treatment=self.treatment.slug,
            cells=self.entry.grid,
            practitioners=self.entry.practitioner_ids,
            not_before=self.entry.not_before,
            not_after=self.entry.not_after,
            swap=self.entry.swaps_appointment_id or "",
        )


def joining(db: Session, viewer: Viewer, client_id: UUID, slug: str) -> Joining:
    """For the treatment named, or what comes next for this client. Raises NotFound."""
    client = accounts.client(db, viewer, client_id)
    treatment = treatment_for(db, client_id, slug)
    entry = queries.entry_for(db, client_id, treatment.id)
    swaps = queries.swaps(db, client_id, treatment.id)
    leaving = entry.swaps_appointment_id if entry else None
    if treatment.is_consultation and swaps:
        leaving = swaps[0].id
    return Joining(
        client=client,
        treatment=treatment,
        offered=treatments.offered(db),
        practitioners=accounts.practitioners(db),
        swaps=swaps,
        gate=gates.gate_of(db, client_id, treatment, clock.now(), leaving),
        entry=entry,
    )

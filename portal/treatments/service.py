"""Changing the catalogue."""

from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col, select

from portal.audit import service as audit
from portal.kit.errors import Refused
from portal.kit.events import Event
from portal.treatments import queries, rules
from portal.treatments.forms import TreatmentForm
from portal.treatments.models import Treatment
from portal.treatments.rules import Kind

CHANGED = Event()  # told (db, None): intervals and times to think hold for everybody
# What a new clinic begins with. Four weeks of rest is the longest that was studied (PMC8776974): a safe beginning.
_STARTERS = (
    TreatmentForm(
        name="Free consultation",
        summary="We look at your scalp together, answer your questions, and decide whether treatment suits you.",
        description=(
            "Half an hour with a practitioner, free of charge and without obligation. We talk about your health and "
            "your hair, look at your scalp, and say honestly whether micro-needling suits you. You get a clear answer "
            "and its reasons, in writing."
        ),
        kind=Kind.CONSULTATION,
        minutes=30,
        buffer_after=10,
        price=Decimal(0),
        is_active=True,
    ),
    TreatmentForm(
        name="Scalp micro-needling",
        summary="Very fine, sterile needles on the areas that you and your practitioner agreed on.",
        description=(
            "A treatment session on the areas and at the depth that your practitioner’s verdict allows, with a new "
            "sterile cartridge each time. Afterwards the scalp rests until the next session."
        ),
        kind=Kind.SESSION,
        minutes=60,
        buffer_before=10,
        buffer_after=15,
        interval_days=28,
        cooling_off_days=1,
        sessions_suggested=6,
        order=1,
        is_active=True,
    ),
)


def save(db: Session, actor: audit.Actor | None, form: TreatmentForm, treatment: Treatment | None = None) -> Treatment:
    """Add a treatment or change one; its address (slug) is made once and stays. Refused when the name is taken."""
    slug = treatment.slug if treatment else rules.slug_of(form.name)
    if not slug:
        raise Refused("Please give a name with at least one letter or digit.")
    _refuse_taken(db, form.name, slug, treatment.id if treatment else None)
    if treatment and form.kind is not treatment.kind:  # it would open the gate for whatever is booked of it
        raise Refused("A session cannot become a consultation, nor the other way round. Please add another treatment.")
    values = form.model_dump(exclude={"price", "deposit"}) | {"slug": slug, "check_in_hours": form.check_ins}
    values |= {"price_cents": form.price_cents, "deposit_cents": form.deposit_cents}
    values["needs_verdict"] = rules.needs_verdict(form.kind)
    verb = "treatments.edited" if treatment else "treatments.added"
    row = treatment.sqlmodel_update(values) if treatment else Treatment(**values)
    db.add(row)
    db.flush()
    audit.record(db, actor, verb, row)
    CHANGED.tell(db, None)
    return row


def add_starters(db: Session, actor: audit.Actor | None = None) -> list[Treatment]:
    """The free consultation and the needling session, for a clinic whose catalogue is empty; else nothing."""
    if queries.everything(db):
        return []
    return [save(db, actor, form) for form in _STARTERS]


def _refuse_taken(db: Session, name: str, slug: str, but: UUID | None) -> None:
    same = (col(Treatment.slug) == slug) | (col(Treatment.name) == name)
    if any(found != but for found in db.exec(select(Treatment.id).where(same))):
        raise Refused("There is a treatment of this name already. Please choose another name.")

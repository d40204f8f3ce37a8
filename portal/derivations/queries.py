"""Reads of derived pictures and of the graph they stand in. Who may see a photo may see what was made of it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts import queries as people
from portal.accounts.rules import Viewer
from portal.clinic import queries as clinic
from portal.consents import queries as consents
from portal.consents.rules import ConsentState, Purpose
from portal.derivations import wording
from portal.derivations.models import Derivation, DerivationSource, Discarded, HandedOut, WithdrawalStatement
from portal.derivations.rules import (
    FOR_OTHERS,
    NOTHING,
    DerivationKind,
    Graph,
    Use,
    paused_uses,
    uses_of_photo,
)
from portal.kit.errors import NotFound
from portal.photos.integrity import Tracked
from portal.photos.models import Photo
from portal.side_effects import queries as side_effects
from portal.side_effects.rules import Level

PURPOSES = {
    Use.RECORD: Purpose.PHOTO_RECORD,
    Use.TEACHING: Purpose.PHOTO_TEACHING,
    Use.PUBLICATION: Purpose.PHOTO_PUBLICATION,
}
_FEW = 5
_EDGE: tuple[Any, ...] = (
    col(DerivationSource.derivation_id),
    col(DerivationSource.photo_id),
    col(DerivationSource.parent_id),
)
_WORD: tuple[Any, ...] = (
    col(Photo.id),
    col(Photo.may_teach),
    col(Photo.may_publish),
    col(Photo.withdrawn_at).is_not(None),
)
_MADE: tuple[Any, ...] = (col(Derivation.id), col(Derivation.use), col(Derivation.closed_at).is_not(None))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a client stands with one use of photos. `until`: the last day, where there is one."""

    use: Use
    state: ConsentState
    until: date | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class UseLine:
    """One use of one photo: whether it is allowed today, and until when or why not."""

    use: Use
    allowed: bool
    why: str


def derivation(db: Session, viewer: Viewer, derivation_id: UUID) -> Derivation:
    """One derived picture that may be opened now. Raises NotFound, alike for what is not there, what is not theirs, and
    what its sources do not allow today.
    """
    found = db.exec(_visible_to(viewer).where(Derivation.id == derivation_id)).first()
    if found is None or not lineage(db, found.client_id, [found.id], found.use).stands(found.id):
        raise NotFound("There is no such picture.")
    return found


def made_of(db: Session, viewer: Viewer, photo: Photo, known: Graph[UUID]) -> Sequence[Derivation]:
    """What was made of a photo and may be opened now, oldest first. `known`: the graph of its client."""
    ids = {one for one in known.downstream_of([photo.id]) if known.stands(one)}
    wanted = _visible_to(viewer).where(Derivation.client_id == photo.client_id)
    return [one for one in db.exec(wanted.order_by(col(Derivation.made_at))).all() if one.id in ids]


def copies_of(db: Session, photo: Photo, known: Graph[UUID]) -> Sequence[HandedOut]:
    """Downloads of a photo's original and of what was made of it, open or closed."""
    return handed_out(db, photo.client_id, {photo.id}, known.downstream_of([photo.id]))


def handed_out(
    db: Session, client_id: UUID, photo_ids: Collection[UUID], derivation_ids: Collection[UUID]
) -> Sequence[HandedOut]:
    """Every download of these things, oldest first. For code that has decided that its reader may know."""
    wanted = select(HandedOut).where(HandedOut.client_id == client_id).order_by(col(HandedOut.at))
    known = {*photo_ids, *derivation_ids}
    return [one for one in db.exec(wanted).all() if (one.photo_id or one.derivation_id) in known]


def statements(db: Session, viewer: Viewer, client_id: UUID) -> Sequence[WithdrawalStatement]:
    """A client's statements, newest first."""
    wanted = _statements(viewer).where(WithdrawalStatement.client_id == client_id)
    return db.exec(wanted.order_by(col(WithdrawalStatement.at).desc())).all()


def statement(db: Session, viewer: Viewer, statement_id: UUID) -> WithdrawalStatement:
    """One statement. Raises NotFound."""
    found = db.exec(_statements(viewer).where(WithdrawalStatement.id == statement_id)).first()
    if found is None:
        raise NotFound("There is no such statement.")
    return found


def uses_of(db: Session, photo: Photo) -> list[UseLine]:
    """What one photo may be used for today, for whoever may see the photo."""
    kept_out = {Use.TEACHING: not photo.may_teach, Use.PUBLICATION: not photo.may_publish}
    stopped = paused(db, photo.client_id)
    return [
        UseLine(
            use,
            *wording.may_be_used(
                use, one.state, one.until, kept_out=kept_out.get(use, False), is_paused=use in stopped
            ),
        )
        for use, one in standings(db, photo.client_id).items()
    ]


def paused(db: Session, client_id: UUID) -> frozenset[Use]:
    """The uses for which nothing of a client's is made or handed out at present. For code that has decided that its
    reader may know.
    """
    return paused_uses(side_effects.open_levels(db, client_id), Level(clinic.policy(db).hold_from))


def standings(db: Session, client_id: UUID) -> dict[Use, Standing]:
    """Where a client stands with each use of photos today."""
    owner = people.person(db, client_id).as_viewer()
    ended: dict[Purpose, datetime] = {}
    for one in consents.signatures(db, owner, client_id):
        if one.withdrawn_at:
            ended[one.purpose] = max(one.withdrawn_at, ended.get(one.purpose, one.withdrawn_at))
    matters = {one.shelf.purpose: one for one in consents.mine(db, owner) if one.shelf.purpose.is_photo}
    return {
        use: Standing(use, matters[purpose].state, matters[purpose].facts.expires_on, ended.get(purpose))
        for use, purpose in PURPOSES.items()
    }


def graph(db: Session, client_id: UUID) -> Graph[UUID]:
    """Everything that was ever made of a client's photos."""
    edges = db.connection().execute(sa.select(*_EDGE).where(col(DerivationSource.client_id) == client_id)).all()
    return _graph(db, client_id, edges)


def lineage(db: Session, client_id: UUID, ids: Collection[UUID], use: Use) -> Graph[UUID]:
    """What these photos and derivations of a client were made of, and whether it allows a use today. For the record no
    consent is asked about, unless something on the way was made for others.
    """
    start = sa.select(*_EDGE).where(col(DerivationSource.derivation_id).in_(ids)).cte(recursive=True)
    above = sa.select(*_EDGE).join(start, col(DerivationSource.derivation_id) == start.c.parent_id)
    edges = db.connection().execute(sa.select(start.union(above))).all()
    return _graph(db, client_id, edges, ids, use)


def with_copies_for_others(db: Session) -> Sequence[UUID]:
    """Clients of whom something is kept that was made for teaching or publication."""
    whose = col(Derivation.client_id)
    wanted = select(whose).where(col(Derivation.closed_at).is_(None), Derivation.use != Use.RECORD)
    return db.exec(wanted.distinct().order_by(whose)).all()


def open_derivations(db: Session, ids: Collection[UUID]) -> Sequence[Derivation]:
    """Those of these that are not closed, as they are now."""
    wanted = select(Derivation).where(col(Derivation.id).in_(ids), col(Derivation.closed_at).is_(None))
    return db.exec(wanted.execution_options(populate_existing=True)).all()


def open_of(
    db: Session, client_id: UUID, kind: DerivationKind, use: Use, sources: Collection[UUID]
) -> Sequence[Derivation]:
    """What of this kind is kept for this use and was made of just these, newest first."""
    wanted = select(Derivation).where(
        Derivation.client_id == client_id,
        Derivation.kind == kind,
        Derivation.use == use,
        col(Derivation.closed_at).is_(None),
    )
    for one in sources:
        above = select(DerivationSource.derivation_id).where(
            (col(DerivationSource.photo_id) == one) | (col(DerivationSource.parent_id) == one)
        )
        wanted = wanted.where(col(Derivation.id).in_(above))
    return db.exec(wanted.order_by(col(Derivation.made_at).desc()).limit(_FEW)).all()


def ever_made_for(db: Session, client_id: UUID, use: Use) -> Sequence[UUID]:
    """Everything of a client that was ever made for a use, open or closed."""
    return db.exec(select(Derivation.id).where(Derivation.client_id == client_id, Derivation.use == use)).all()


def tracked(db: Session, after: UUID | None, limit: int) -> Sequence[Tracked]:
    """The objects of open derivations, a page at a time, for the check of the store."""
    wanted = select(Derivation).where(col(Derivation.closed_at).is_(None)).order_by(col(Derivation.id)).limit(limit)
    if after is not None:
        wanted = wanted.where(Derivation.id > after)
    return [Tracked(one.id, one.client_id, [one.stored]) for one in db.exec(wanted)]


def stored_names(db: Session) -> Iterator[str]:
    """Every object that this feature knows of: what is open, and what waits to be deleted. For who looks for strays."""
    yield from db.exec(select(Derivation.stored).where(col(Derivation.closed_at).is_(None)))
    yield from db.exec(select(Discarded.name))


def said_since(db: Session, client_id: UUID, use: Use, moment: datetime) -> bool:
    """Whether a statement about a withdrawn consent was made since then."""
    wanted = select(WithdrawalStatement.id).where(
        WithdrawalStatement.client_id == client_id,
        WithdrawalStatement.use == use,
        col(WithdrawalStatement.photo_id).is_(None),
        WithdrawalStatement.at >= moment,
    )
    return db.exec(wanted.limit(1)).first() is not None


def _visible_to(viewer: Viewer) -> SelectOfScalar[Derivation]:
    """A client sees what was made of their own photos, practitioners everybody’s; nobody what is closed."""
    every = select(Derivation).where(col(Derivation.closed_at).is_(None))
    return every if viewer.is_practitioner else every.where(Derivation.client_id == viewer.id)


def _statements(viewer: Viewer) -> SelectOfScalar[WithdrawalStatement]:
    every = select(WithdrawalStatement)
    return every if viewer.is_practitioner else every.where(WithdrawalStatement.client_id == viewer.id)


def _graph(
    db: Session,
    client_id: UUID,
    edges: Sequence[Any],
    ids: Collection[UUID] | None = None,
    use: Use | None = None,
) -> Graph[UUID]:
    """`ids`: the nodes at its end; None for a graph of everything."""
    run, sources = db.connection().execute, defaultdict[UUID, set[UUID]](set)
    for child, photo_id, parent_id in edges:
        sources[child].add(photo_id or parent_id)
    words = sa.select(*_WORD).where(col(Photo.client_id) == client_id)
    made = sa.select(*_MADE).where(col(Derivation.client_id) == client_id)
    if ids is not None:
        known = {*sources, *(node for parents in sources.values() for node in parents), *ids}
        words, made = words.where(col(Photo.id).in_(known)), made.where(col(Derivation.id).in_(known))
    found = run(made).all()
    made_for = {one: purpose for one, purpose, is_closed in found if not is_closed}
    asks = use is not Use.RECORD or any(one is not Use.RECORD for one in made_for.values())
    signed = _signed(db, client_id) if asks else NOTHING
    own = {one: NOTHING for one, _, is_closed in found if is_closed}
    for one, teach, publish, gone in run(words):
        own[one] = uses_of_photo(signed, may_teach=teach, may_publish=publish, withdrawn=gone)
    return Graph(sources, own, made_for, NOTHING if use is Use.RECORD else paused(db, client_id))


def _signed(db: Session, client_id: UUID) -> frozenset[Use]:
    counts = consents.photo_purposes(db, client_id)
    return frozenset(use for use in FOR_OTHERS if PURPOSES[use] in counts)

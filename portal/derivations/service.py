"""Verbs: make a picture of others, close it, withdraw a photo, narrow what it may be used for, note who got a copy.

Making and withdrawing hold the client's row, so neither happens in the middle of the other: nothing is made of what
has just been withdrawn, and a withdrawal misses nothing.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from portal.accounts import queries as people
from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.consents.rules import ConsentState
from portal.derivations import closing, compose, queries, wording
from portal.derivations.closing import Going
from portal.derivations.models import Derivation, DerivationSource, HandedOut, WithdrawalStatement
from portal.derivations.rules import FOR_OTHERS, Cause, DerivationKind, Graph, Use
from portal.kit import limits
from portal.kit.crypto import Damaged
from portal.kit.db import afterwards, lock_row
from portal.kit.errors import NotAllowed, NotFound, Refused
from portal.notifications import service as notifications
from portal.photos import queries as photos
from portal.photos.models import Photo
from portal.photos.service import GONE
from portal.photos.vault import Vault
from portal.side_effects import queries as side_effects

log = logging.getLogger("portal.derivations")
AN_HOUR, IN_AN_HOUR = 3600, 60
_PERSON = Person.__table__  # type: ignore[attr-defined]
_CAUSES = {
    ConsentState.WITHDRAWN: Cause.CONSENT_WITHDRAWN,
    ConsentState.EXPIRED: Cause.CONSENT_EXPIRED,
    ConsentState.OUTDATED: Cause.CONSENT_OUTDATED,
}


@dataclass(frozen=True, slots=True)
class Side:
    """One half of a pair: a photo or a picture made of it, and the day the photo was taken."""

    id: UUID
    taken_on: date


def make(
    db: Session,
    vault: Vault,
    actor: Viewer | None,
    client_id: UUID,
    kind: DerivationKind,
    use: Use,
    data: bytes,
    size: tuple[int, int],
    sources: Sequence[UUID],
    media_type: str = "image/jpeg",
) -> Derivation:
    """Store a picture made of photos or derivations of one client, sealed, then its row. No actor: the portal itself.
    Raises Refused when one of the sources does not allow the use today.
    """
    lock_row(db, _PERSON, client_id)
    known = queries.lineage(db, client_id, sources, use)
    _refuse_paused(known, use)
    if not known.allows(sources, use):
        raise Refused(f"What this is made of may not be used for {wording.TEAM_WORDS[use]}.")
    stored = vault.put(vault.key_of(db, client_id), data)
    row = Derivation(
        client_id=client_id,
        kind=kind,
        use=use,
        stored=stored,
        media_type=media_type,
        width=size[0],
        height=size[1],
        made_by_id=actor.id if actor else None,
    )
    db.add(row)
    db.flush()
    for one in dict.fromkeys(sources):
        above = {"parent_id": one} if one in known.made_for else {"photo_id": one}
        db.add(DerivationSource(client_id=client_id, derivation_id=row.id, **above))
    db.flush()
    if actor:
        audit.record(db, actor, "derivations.made", row, client_id)
    return row


def close(db: Session, ids: Collection[UUID]) -> None:
    """Close derivations of one client that are not needed any more, and all that was made of them. No statement."""
    for client_id in {one.client_id for one in queries.open_derivations(db, ids)}:
        lock_row(db, _PERSON, client_id)
        closing.close(db, _with_downstream(db, client_id, ids))


def export_pair(
    db: Session,
    vault: Vault,
    viewer: Viewer,
    client_id: UUID,
    before: Side,
    after: Side,
    use: Use,
    title: str,
    words: Sequence[str],
    *,
    as_pdf: bool,
) -> Derivation:
    """Make one picture or page of two; the one that is there when it is the same to the bit. `words`: the verdict in
    sentences; whether the two may be shown as a pair was decided by who calls. Raises NotFound, NotAllowed, Refused,
    TooMany.
    """
    limits.spend(db, "exports", str(viewer.id), limit=IN_AN_HOUR, seconds=AN_HOUR)
    if viewer.id == client_id and use is not Use.RECORD:
        raise NotAllowed("You can save a pair for yourself. Teaching and publication are for the clinic.")
    known = queries.lineage(db, client_id, [before.id, after.id], use)
    _refuse_paused(known, use)
    if not known.allows([before.id, after.id], use):
        raise Refused(_not_signed(use))
    first, second = (compose.Panel(opened(db, vault, viewer, one.id), one.taken_on) for one in (before, after))
    made = compose.pair(first, second, title, [*words, *wording.leave(use)], as_pdf=as_pdf)
    kind, sources = DerivationKind.PDF if as_pdf else DerivationKind.PAIR, [before.id, after.id]
    lock_row(db, _PERSON, client_id)
    for there in queries.open_of(db, client_id, kind, use, sources):
        if _holds(db, vault, there, made.data):
            return there
    return make(db, vault, viewer, client_id, kind, use, made.data, made.size, sources, made.media_type)


def opened(db: Session, vault: Vault, viewer: Viewer, picture_id: UUID) -> bytes:
    """A derivation, or the middle rendition of a photo, as the viewer may see it. Raises NotFound."""
    try:
        return bytes_of(db, vault, queries.derivation(db, viewer, picture_id))
    except NotFound:
        photo = photos.photo(db, viewer, picture_id)
        return _unsealed(db, vault, photo.client_id, photo.medium)


def bytes_of(db: Session, vault: Vault, made: Derivation) -> bytes:
    """The file of a derivation that `queries.derivation` gave out. Raises NotFound."""
    return _unsealed(db, vault, made.client_id, made.stored)


def withdraw_photo(db: Session, client: Viewer, photo: Photo) -> WithdrawalStatement:
    """The client takes one photo back: its bytes and everything made of it go, its row stays as a trace. Raises
    NotAllowed for anybody else, Refused when it is gone already.
    """
    if client.id != photo.client_id:
        raise NotAllowed("Only the client removes a photo.")
    lock_row(db, _PERSON, client.id)
    found = _there(db, client.id, [photo.id])
    if not found:
        raise Refused("This photo was removed already.", ("Your photos", "/photos"))
    return _remove(db, client, found, Going(client.id, Cause.PHOTO_REMOVED, Use.RECORD, photo_id=photo.id))


def narrow(db: Session, client: Viewer, photo: Photo, *, may_teach: bool, may_publish: bool) -> None:
    """The client says for one photo what it may be used for, within what was signed. What may be no more, goes.
    Raises NotAllowed, NotFound.
    """
    if client.id != photo.client_id:
        raise NotAllowed("Only the client decides what a photo may be used for.")
    lock_row(db, _PERSON, client.id)
    found = _there(db, client.id, [photo.id])
    if not found:
        raise NotFound("There is no such photo.")
    found[0].may_teach, found[0].may_publish = may_teach, may_publish
    db.add(found[0])
    db.flush()
    audit.record(db, client, "derivations.narrowed", photo, client.id)
    for use in FOR_OTHERS:
        _close_fallen(db, Going(client.id, Cause.PHOTO_NARROWED, use, photo_id=photo.id))


def consent_changed(db: Session, client_id: UUID | None) -> None:
    """A client signed or took back: what is no longer allowed goes now, with a statement. When everybody must sign a
    new text (None), what it stops cannot be opened from now on, and the tick deletes it within a minute.
    """
    if client_id is not None:
        lock_row(db, _PERSON, client_id)
        _settle(db, client_id)


def expire(db: Session) -> None:
    """Delete what was made for a use whose consent has run out or was replaced; a tick."""
    for client_id in queries.with_copies_for_others(db):
        if any(queries.graph(db, client_id).fallen()):
            lock_row(db, _PERSON, client_id)
            _settle(db, client_id)


def handed_out(db: Session, viewer: Viewer, photo: Photo) -> None:
    """The original of a photo is about to be downloaded; written before the answer is sent. Raises NotFound, then, when
    it was withdrawn meanwhile: either the copy is written down, or nobody gets it.
    """
    afterwards(db, lambda later: _hand_out_photo(later, viewer, photo.client_id, photo.id))


def refuse_while_paused(db: Session, made: Derivation) -> None:
    """Nothing that was made for publication leaves the portal while it is paused; it is not deleted. Raises Refused."""
    if made.use in queries.paused(db, made.client_id):
        raise Refused(wording.PAUSED)


def downloaded(db: Session, viewer: Viewer, made: Derivation) -> None:
    """The same for a derivation."""
    afterwards(db, lambda later: _hand_out_derivation(later, viewer, made.id))


def _holds(db: Session, vault: Vault, there: Derivation, data: bytes) -> bool:
    """Whether this is what it holds; its words may be older than what is known of the photos today."""
    try:
        return bytes_of(db, vault, there) == data
    except NotFound:
        return False


def _unsealed(db: Session, vault: Vault, client_id: UUID, name: str) -> bytes:
    try:
        return vault.get(db, client_id, name)
    except (KeyError, Damaged) as error:
        log.exception("a derived picture does not open", extra={"object": name})
        raise NotFound("This picture cannot be opened any more. Please tell us; we look after it.") from error


def _hand_out_photo(db: Session, viewer: Viewer, client_id: UUID, photo_id: UUID) -> None:
    lock_row(db, _PERSON, client_id)
    if not _there(db, client_id, [photo_id]):
        raise NotFound("There is no such photo.")
    db.add(HandedOut(client_id=client_id, photo_id=photo_id, use=Use.RECORD, by_id=viewer.id))


def _hand_out_derivation(db: Session, viewer: Viewer, derivation_id: UUID) -> None:
    lock_row(db, _PERSON, queries.derivation(db, viewer, derivation_id).client_id)
    db.expire_all()
    made = queries.derivation(db, viewer, derivation_id)
    refuse_while_paused(db, made)
    audit.record(db, viewer, "derivations.downloaded", made, made.client_id)
    db.add(HandedOut(client_id=made.client_id, derivation_id=made.id, use=made.use, by_id=viewer.id))


def _settle(db: Session, client_id: UUID) -> None:
    """Do what the client's consents say today and nobody has done yet. The client's row is held."""
    for standing in queries.standings(db, client_id).values():
        going = Going(client_id, _CAUSES.get(standing.state, Cause.PHOTO_NARROWED), standing.use)
        ended = standing.withdrawn_at if standing.state is ConsentState.WITHDRAWN else None
        is_new = ended is not None and not queries.said_since(db, client_id, standing.use, ended)
        if standing.use is not Use.RECORD:
            _close_fallen(db, going, even_nothing=is_new)
        elif is_new:
            client = people.person(db, client_id).as_viewer()
            _remove(db, client, _there(db, client_id), going)
            closing.forget_key(db, client_id)


def _remove(db: Session, client: Viewer, gone: Sequence[Photo], going: Going) -> WithdrawalStatement:
    going = closing.of_photos(db, queries.graph(db, client.id), gone, going)
    _tell_of_open_reports(db, client, {photo.id for photo in gone})
    closing.close(db, going.made)
    closing.empty(db, gone)
    for photo in gone:
        audit.record(db, client, "photos.withdrawn", photo, client.id)
        GONE.tell(db, photo)
    return closing.state(db, going)


def _close_fallen(db: Session, going: Going, *, even_nothing: bool = False) -> None:
    """Close what was made for a use and stands no longer; state it where something went, or `even_nothing` did."""
    known = queries.graph(db, going.client_id)
    about = known.downstream_of([going.photo_id]) if going.photo_id else known.sources.keys()
    fallen = [one for one in known.fallen() if one in about and known.made_for[one] is going.use]
    if not fallen and not even_nothing:
        return
    made = _with_downstream(db, going.client_id, fallen)
    closing.close(db, made)
    audit.record(db, None, "derivations.closed", None, going.client_id)
    ever = about & {*queries.ever_made_for(db, going.client_id, going.use)}
    closing.state(db, replace(going, made=made, ever=ever | {one.id for one in made}))


def _with_downstream(db: Session, client_id: UUID, ids: Collection[UUID]) -> Sequence[Derivation]:
    return queries.open_derivations(db, {*ids, *queries.graph(db, client_id).downstream_of(ids)})


def _there(db: Session, client_id: UUID, ids: Collection[UUID] | None = None) -> Sequence[Photo]:
    """A client's photos that are not withdrawn, as they are now: of these ids, or all."""
    wanted = select(Photo).where(Photo.client_id == client_id, col(Photo.withdrawn_at).is_(None))
    if ids is not None:
        wanted = wanted.where(col(Photo.id).in_(ids))
    return db.exec(wanted.order_by(col(Photo.received_at)).execution_options(populate_existing=True)).all()


def _tell_of_open_reports(db: Session, client: Viewer, photo_ids: Collection[UUID]) -> None:
    """Practitioners must not look for a picture that is gone: they ask instead."""
    for report in side_effects.reports(db, client, client.id):
        if report.is_open and report.photo_id in photo_ids:
            text = f"{client.name} has removed the photo of an open report. Please ask how it looks now."
            key, href = f"derivations.report-photo:{report.photo_id}", f"/side-effects/{report.id}"
            notifications.tell_practitioners(db, key, text, href)


def _refuse_paused(known: Graph[UUID], use: Use) -> None:
    if use in known.paused:
        raise Refused(wording.PAUSED)


def _not_signed(use: Use) -> str:
    if use is Use.RECORD:
        return "One of these photos is not there any more."
    return f"The client has not consented to {use.value} for both photos, or not any longer. Nothing was made."

"""Making, handing out and sending while the client withdraws: each comes first, and goes with it, or not at all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from portal.consents import service as consents
from portal.derivations import queries, service
from portal.derivations.models import Derivation, HandedOut, WithdrawalStatement
from portal.derivations.rules import DerivationKind, Use
from portal.kit.db import transaction
from portal.kit.errors import NotFound, Refused
from portal.photos.models import Photo
from tests.make_consents import a_signed_consent
from tests.make_derivations import a_derivation, a_photo

TIMES, MAKERS = 4, 5


def at_once(engine: Engine, *acts: Callable[[Session], object]) -> list[str]:
    """What became of each act, all begun together."""
    ready = Barrier(len(acts))

    def one(act: Callable[[Session], object]) -> str:
        ready.wait(10)
        try:
            with transaction(engine) as db:
                act(db)
        except (Refused, NotFound):
            return "refused"
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def everything_open_stands(engine, app, client):
    """No row without its object, no object without its row, nothing open that may not be."""
    with transaction(engine) as db:
        assert not list(queries.graph(db, client.id).fallen())
        photos = db.exec(select(Photo).where(Photo.withdrawn_at.is_(None))).all()
        known = {name for one in photos for name in (one.original, one.large, one.medium, one.small)}
        assert known | set(queries.stored_names(db)) == set(app.state.storage.names())


@pytest.mark.parametrize("time", range(TIMES))
def test_nothing_made_meanwhile_outlives_its_photo(time, engine, vault, app, alice):
    with transaction(engine) as db:
        photo = a_photo(db, vault, alice)
        aligned = a_derivation(db, vault, alice, [photo.id], DerivationKind.ALIGNED)

    def make(db):
        a_derivation(db, vault, alice, [[photo.id], [aligned.id], [photo.id, aligned.id]][time % 3])

    done = at_once(engine, *[make] * MAKERS, lambda db: service.withdraw_photo(db, alice, photo))
    assert done[-1] == "done"
    everything_open_stands(engine, app, alice)
    with transaction(engine) as db:
        assert not db.exec(select(Derivation).where(Derivation.closed_at.is_(None))).all()
        counted = sum(line.get("count", 0) for line in db.exec(select(WithdrawalStatement)).one().gone)
        assert counted == 2 + done[:-1].count("done"), "the statement counts all that was made before it"


@pytest.mark.parametrize("time", range(TIMES))
def test_nothing_made_meanwhile_outlives_its_consent(time, engine, vault, app, alice):
    with transaction(engine) as db:
        given = a_signed_consent(db, alice, None, queries.PURPOSES[Use.TEACHING])
        photo = a_photo(db, vault, alice)

    def make(db):
        a_derivation(db, vault, alice, [photo.id], use=Use.TEACHING)

    done = at_once(engine, *[make] * MAKERS, lambda db: consents.withdraw(db, alice, given.id))
    assert done[-1] == "done"
    everything_open_stands(engine, app, alice)
    with transaction(engine) as db:
        assert not db.exec(select(Derivation).where(Derivation.closed_at.is_(None))).all()


@pytest.mark.parametrize("time", range(TIMES))
def test_no_photo_sent_meanwhile_outlives_the_record(time, engine, vault, app, alice):
    with transaction(engine) as db:
        given = a_signed_consent(db, alice, None, queries.PURPOSES[Use.RECORD])
        a_photo(db, vault, alice)
    done = at_once(
        engine, *[lambda db: a_photo(db, vault, alice)] * MAKERS, lambda db: consents.withdraw(db, alice, given.id)
    )
    assert done[-1] == "done"
    with transaction(engine) as db:
        assert not db.exec(select(Photo).where(Photo.withdrawn_at.is_(None))).all()
    assert not set(app.state.storage.names())


@pytest.mark.parametrize("time", range(TIMES))
def test_a_copy_handed_out_is_in_the_statement_or_nobody_has_it(time, engine, vault, alice, bob):
    with transaction(engine) as db:
        photo = a_photo(db, vault, alice)
        made = a_derivation(db, vault, alice, [photo.id])
    done = at_once(
        engine,
        lambda db: service.downloaded(db, bob, made),
        lambda db: service.handed_out(db, bob, photo),
        lambda db: service.withdraw_photo(db, alice, photo),
    )
    with transaction(engine) as db:
        said = [line for line in db.exec(select(WithdrawalStatement)).one().outside if "by" in line]
        assert len(said) == done[:2].count("done") == len(db.exec(select(HandedOut)).all())


@pytest.mark.parametrize("time", range(TIMES))
def test_removed_twice_at_once_is_removed_once(time, engine, vault, alice):
    with transaction(engine) as db:
        photo = a_photo(db, vault, alice)
    done = at_once(engine, *[lambda db: service.withdraw_photo(db, alice, photo)] * 3)
    assert sorted(done) == ["done", "refused", "refused"]

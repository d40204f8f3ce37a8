"""Random graphs with real rows, real files and the real application: what is withdrawn takes along everything made of
it, at once, and nothing else.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from portal.consents import service as consents
from portal.consents.rules import Purpose
from portal.derivations import queries, service
from portal.derivations.models import Derivation, Discarded, WithdrawalStatement
from portal.derivations.rules import FOR_OTHERS, DerivationKind, Use, downstream, permitted
from portal.kit.db import transaction
from portal.photos.models import Photo
from portal.photos.views import View
from tests.make_consents import a_document, a_signature
from tests.make_derivations import a_derivation, a_photo, names_of

KINDS = [kind for kind in DerivationKind if kind is not DerivationKind.PDF]
WAYS = ["photo", "record", "teaching", "publication", "narrow", "expiry"]


@dataclass
class World:
    """What was built, remembered apart from the database: addresses, objects, edges, uses."""

    consents: dict[Use, UUID] = field(default_factory=dict)
    urls: dict[UUID, list[str]] = field(default_factory=dict)
    objects: dict[UUID, list[str]] = field(default_factory=dict)
    sources: dict[UUID, set[UUID]] = field(default_factory=dict)
    made_for: dict[UUID, Use] = field(default_factory=dict)
    own: dict[UUID, frozenset[Use]] = field(default_factory=dict)

    def below(self, *nodes):
        return {one for node in nodes for one in downstream(node, self.sources)}


def build(db, vault, client, chance) -> World:
    world = World()
    for use in FOR_OTHERS:
        text = a_document(db, None, None, queries.PURPOSES[use], valid_months=6)
        world.consents[use] = a_signature(db, client, text).id
    world.consents[Use.RECORD] = a_signature(db, client, a_document(db, None, None, Purpose.PHOTO_RECORD)).id
    for _ in range(chance.randint(1, 4)):
        photo = a_photo(db, vault, client, chance.choice([View.CROWN, View.MIDLINE]))
        photo.may_teach, photo.may_publish = chance.random() < 0.8, chance.random() < 0.7
        world.own[photo.id] = frozenset(Use) - {
            use for use, out in zip(FOR_OTHERS, (not photo.may_teach, not photo.may_publish), strict=True) if out
        }
        world.objects[photo.id] = names_of(photo)
        world.urls[photo.id] = [f"/photos/{photo.id}/{size}.jpg" for size in ("small", "medium", "large")]
    db.flush()
    for _ in range(chance.randint(1, 10)):
        grow(db, vault, client, chance, world)
    return world


def grow(db, vault, client, chance, world) -> None:
    nodes = [*world.own, *world.made_for]
    parents = set(chance.sample(nodes, min(len(nodes), chance.randint(1, 3))))
    allowed = frozenset.intersection(*(permitted(one, world.sources, world.own) for one in parents))
    use = chance.choice(sorted(allowed))
    made = a_derivation(db, vault, client, sorted(parents), chance.choice(KINDS), use)
    world.sources[made.id], world.made_for[made.id] = parents, use
    world.objects[made.id] = [made.stored]
    world.urls[made.id] = [f"/derived/{made.id}.jpg", f"/derived/{made.id}/download"]


def withdraw(way, world, engine, browser, chance) -> set[UUID]:
    """Do it as the client does; returns what must be gone by the time of the answer."""
    fallen = {one for one, use in world.made_for.items() if use.value == way}
    if way == "photo":
        photo = chance.choice(sorted(world.own))
        assert browser.post(f"/photos/{photo}/remove").status_code == 303
        return {photo} | world.below(photo)
    if way == "narrow":
        photo = chance.choice(sorted(world.own))
        assert browser.post(f"/photos/{photo}/uses", data={"keep_from_teaching": "yes"}).status_code == 303
        fallen = {one for one in world.below(photo) if world.made_for[one] is Use.TEACHING}
    elif way == "expiry":
        with transaction(engine) as db:
            service.expire(db)
        fallen = {one for one, use in world.made_for.items() if use is not Use.RECORD}
    else:
        assert browser.post(f"/consents/signed/{world.consents[Use(way)]}/withdraw").status_code == 303
        if way == "record":
            return {*world.own, *world.made_for}
    return fallen | world.below(*fallen)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in range(2, 12))])
def test_what_is_withdrawn_is_gone_when_the_answer_comes(
    seed, way, engine, vault, app, cast, signed_in, alice_browser, bob_browser, later
):
    chance = random.Random(f"{seed} {way}")
    with transaction(engine) as db:
        world = build(db, vault, cast.alice, chance)
        other = a_photo(db, vault, cast.charlie)
        of_other = a_derivation(db, vault, cast.charlie, [other.id])
    for urls in world.urls.values():
        assert {alice_browser.get(one).status_code for one in urls} == {200}
    with later(timedelta(days=200 if way == "expiry" else 0)):
        alice, bob, charlie = (signed_in(one) for one in (cast.alice, cast.bob, cast.charlie))
        gone = withdraw(way, world, engine, alice, chance)
        on_disk = set(app.state.storage.names())
        for node, urls in world.urls.items():
            wanted = 404 if node in gone else 200
            assert {browser.get(one).status_code for one in urls for browser in (alice, bob)} == {wanted}, (way, node)
            assert (set(world.objects[node]) & on_disk) == (set() if node in gone else set(world.objects[node]))
        assert charlie.get(f"/derived/{of_other.id}.jpg").status_code == 200, "of another client nothing went"
    with transaction(engine) as db:
        assert not db.exec(select(Discarded)).all()
        assert {one.id for one in db.exec(select(Derivation).where(Derivation.closed_at.is_not(None)))} == {
            one for one in gone if one in world.made_for
        }
        said = db.exec(select(WithdrawalStatement)).all()
        assert len(said) >= (1 if gone or way in {"teaching", "publication"} else 0)
        assert sum(line.get("count", 0) for one in said for line in one.gone) == len(gone)
        for photo in db.exec(select(Photo).where(Photo.client_id == cast.alice.id)):
            assert (photo.withdrawn_at is not None) == (photo.id in gone)


@pytest.mark.parametrize("seed", range(6))
def test_no_child_may_more_than_its_sources_as_the_database_tells_it(seed, engine, vault, cast):
    chance = random.Random(seed)
    with transaction(engine) as db:
        world = build(db, vault, cast.alice, chance)
        graph = queries.graph(db, cast.alice.id)
        assert graph.sources == world.sources
        for node, parents in world.sources.items():
            assert all(graph.permitted(node) <= graph.permitted(parent) for parent in parents)
            assert graph.permitted(node) == permitted(node, world.sources, world.own)
            assert queries.lineage(db, cast.alice.id, [node], Use.TEACHING).permitted(node) == graph.permitted(node)
        consents.withdraw(db, cast.alice, world.consents[Use.TEACHING])
        after = queries.graph(db, cast.alice.id)
        for node in world.sources:
            assert after.permitted(node) <= graph.permitted(node) - {Use.TEACHING}

"""What a picture may be used for: never more than every one of its sources allows. Pure: no database, no clock."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import Generic, TypeVar

from portal.side_effects.rules import Level, pauses

Node = TypeVar("Node")


class DerivationKind(StrEnum):
    """What was made of photos. ALIGNED lies in the frame of its baseline; EVENED has its light evened out."""

    ALIGNED = "aligned"
    EVENED = "evened"
    CROP = "crop"
    PAIR = "pair"
    PDF = "pdf"


class Use(StrEnum):
    """What pixels may be used for. RECORD: to treat this client, seen by the client and the practitioners."""

    RECORD = "record"
    TEACHING = "teaching"
    PUBLICATION = "publication"


class Cause(StrEnum):
    """Why pictures were deleted. CONSENT_OUTDATED: the clinic's new text must be signed first."""

    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONSENT_EXPIRED = "consent_expired"
    CONSENT_OUTDATED = "consent_outdated"
    PHOTO_REMOVED = "photo_removed"
    PHOTO_NARROWED = "photo_narrowed"


NOTHING: frozenset[Use] = frozenset()
FOR_OTHERS = (Use.TEACHING, Use.PUBLICATION)


def uses_of_photo(signed: Collection[Use], *, may_teach: bool, may_publish: bool, withdrawn: bool) -> frozenset[Use]:
    """What one photo may be used for today. `signed`: the uses whose consent counts today.

    Sending a photo gives it for the record until it is withdrawn (with it goes the photo itself). Teaching and
    publication each need a consent that counts, and that the client has not kept this photo out of it.
    """
    if withdrawn:
        return NOTHING
    kept_out = {Use.TEACHING: not may_teach, Use.PUBLICATION: not may_publish}
    return frozenset({Use.RECORD, *(use for use in FOR_OTHERS if use in signed and not kept_out[use])})


def paused_uses(open_levels: Collection[Level], hold_from: Level) -> frozenset[Use]:
    """The uses for which nothing is made or handed out at present, whatever was signed: publication, while the client
    has an open report at or above the clinic's limit. Consents, and what was made before, stay as they are.
    """
    return frozenset({Use.PUBLICATION}) if any(pauses(level, hold_from) for level in open_levels) else NOTHING


def ancestors(node: Node, sources: Mapping[Node, Collection[Node]]) -> frozenset[Node]:
    """Everything a node was made of, at whatever remove."""
    return _reached([node], sources)


def downstream(node: Node, sources: Mapping[Node, Collection[Node]]) -> frozenset[Node]:
    """Everything that was made of a node, at whatever remove; not the node itself."""
    return downstream_of([node], sources) - {node}


def downstream_of(nodes: Collection[Node], sources: Mapping[Node, Collection[Node]]) -> frozenset[Node]:
    """Everything that was made of any of these."""
    made: dict[Node, set[Node]] = {}
    for child, parents in sources.items():
        for parent in parents:
            made.setdefault(parent, set()).add(child)
    return _reached(nodes, made)


def permitted(
    node: Node, sources: Mapping[Node, Collection[Node]], own: Mapping[Node, frozenset[Use]]
) -> frozenset[Use]:
    """What a node may be used for: what its own word and that of every ancestor have in common.

    `own`: the uses of each photo, and of whatever else is limited by itself. What comes from nowhere, and what goes
    round in a circle, may be used for nothing.
    """
    lineage = ancestors(node, sources) | {node}
    if _goes_in_circles(lineage, sources):
        return NOTHING
    allowed = frozenset(Use)
    for one in lineage:
        if one in own:
            allowed &= own[one]
        elif not sources.get(one):
            return NOTHING
    return allowed


@dataclass(frozen=True, slots=True)
class Graph(Generic[Node]):
    """Photos and what was made of them, by id. `own`: of each photo, and nothing of what is closed; `made_for`: the use
    each open derivation was made for; `paused`: uses for which nothing is made at present.
    """

    sources: Mapping[Node, Collection[Node]] = field(default_factory=dict)
    own: Mapping[Node, frozenset[Use]] = field(default_factory=dict)
    made_for: Mapping[Node, Use] = field(default_factory=dict)
    paused: Collection[Use] = ()

    def permitted(self, node: Node) -> frozenset[Use]:
        return permitted(node, self.sources, self.own)

    def downstream_of(self, nodes: Collection[Node]) -> frozenset[Node]:
        return downstream_of(nodes, self.sources)

    def stands(self, node: Node) -> bool:
        """Whether a derivation may still be what it was made for, and all that it was made of as well."""
        lineage = (ancestors(node, self.sources) | {node}) & self.made_for.keys()
        return node in lineage and all(self.made_for[one] in self.permitted(one) for one in lineage)

    def allows(self, nodes: Collection[Node], use: Use) -> bool:
        """Whether something may be made of these for a use today."""
        if use in self.paused:
            return False
        return bool(nodes) and all(use in self.permitted(one) and self._is_open(one) for one in nodes)

    def fallen(self) -> Iterator[Node]:
        """The derivations that stand no longer."""
        return (node for node in self.made_for if not self.stands(node))

    def _is_open(self, node: Node) -> bool:
        return self.stands(node) if self.sources.get(node) else node in self.own


def _reached(nodes: Collection[Node], towards: Mapping[Node, Collection[Node]]) -> frozenset[Node]:
    found: set[Node] = set()
    ahead = list(nodes)
    while ahead:
        new = set(towards.get(ahead.pop(), ())) - found
        found |= new
        ahead += new
    return frozenset(found)


def _goes_in_circles(nodes: Collection[Node], sources: Mapping[Node, Collection[Node]]) -> bool:
    try:
        TopologicalSorter({node: sources.get(node, ()) for node in nodes}).prepare()
    except CycleError:
        return True
    return False

"""The views of a scalp as data: what each shows, how it is taken, where in the picture the scalp lies.

Views and poses after clinical.md section 5 (S41, S42, S43); which views belong to which kind of hair loss after the UK
consensus on photographs (S40). The regions are our own start values for a photo framed by our outline.
"""

from dataclasses import dataclass
from enum import StrEnum


class View(StrEnum):
    """Which part of the scalp a photo shows. SIDE_EFFECT belongs to a report and is not part of the series."""

    FRONT_HAIRLINE = "front_hairline"
    CROWN = "crown"
    MIDLINE = "midline"
    LEFT_TEMPLE = "left_temple"
    RIGHT_TEMPLE = "right_temple"
    LEFT_SIDE = "left_side"
    RIGHT_SIDE = "right_side"
    BACK = "back"
    PATCH = "patch"
    SIDE_EFFECT = "side_effect"


class Presentation(StrEnum):
    """The kind of hair loss a series follows; it decides which views are asked for."""

    PATTERN = "pattern"
    FRONTAL = "frontal"
    PATCHY = "patchy"


@dataclass(frozen=True, slots=True)
class Region:
    """An ellipse, upright, in shares of the picture: centre and half axes, x by its width and y by its height."""

    x: float
    y: float
    across: float
    down: float


@dataclass(frozen=True, slots=True)
class ViewGuide:
    """One view: its name, two sentences, the name of its drawing, where scalp and untreated skin are to lie.

    `region`: what is measured. `skin`: untreated skin in the same photo, for redness; None where a view shows none.
    `blind`: the client cannot see the screen while taking it.
    """

    view: View
    name: str
    how: str
    drawing: str
    region: Region
    skin: Region | None = None
    blind: bool = False


VIEWS: tuple[ViewGuide, ...] = (
    ViewGuide(
        View.FRONT_HAIRLINE,
        "Front hairline",
        "Face the camera, chin level, hair held back. Eyebrows in the picture.",
        "front",
        Region(0.5, 0.34, 0.28, 0.14),
        Region(0.5, 0.62, 0.16, 0.05),
    ),
    ViewGuide(
        View.CROWN,
        "Crown",
        "Look down, camera straight above the whorl. Ask somebody to help, or use a timer.",
        "crown",
        Region(0.5, 0.48, 0.26, 0.2),
        blind=True,
    ),
    ViewGuide(
        View.MIDLINE,
        "Mid-line parting",
        "Tip your head, comb one parting from forehead to crown. The same parting each time.",
        "parting",
        Region(0.5, 0.45, 0.2, 0.26),
    ),
    ViewGuide(
        View.LEFT_TEMPLE,
        "Left temple",
        "Turn your head to the right, hair held back. From the end of the brow to the ear.",
        "left-temple",
        Region(0.5, 0.4, 0.22, 0.16),
        Region(0.45, 0.68, 0.12, 0.06),
    ),
    ViewGuide(
        View.RIGHT_TEMPLE,
        "Right temple",
        "Turn your head to the left, hair held back. From the end of the brow to the ear.",
        "right-temple",
        Region(0.5, 0.4, 0.22, 0.16),
        Region(0.55, 0.68, 0.12, 0.06),
    ),
    ViewGuide(
        View.LEFT_SIDE,
        "Left side",
        "Turn your head fully to the right, hair lifted above the ear. The whole ear in the picture.",
        "left-side",
        Region(0.5, 0.4, 0.24, 0.18),
    ),
    ViewGuide(
        View.RIGHT_SIDE,
        "Right side",
        "Turn your head fully to the left, hair lifted above the ear. The whole ear in the picture.",
        "right-side",
        Region(0.5, 0.4, 0.24, 0.18),
    ),
    ViewGuide(
        View.BACK,
        "Back",
        "Look down, camera behind you, from ear to ear. Ask somebody to help.",
        "back",
        Region(0.5, 0.45, 0.28, 0.2),
        blind=True,
    ),
    ViewGuide(
        View.PATCH,
        "The patch",
        "Part the hair around the patch and hold the camera a hand's width further than it focuses. The whole patch and"
        " some hair around it.",
        "patch",
        Region(0.5, 0.5, 0.3, 0.22),
        blind=True,
    ),
)
GUIDES = {guide.view: guide for guide in VIEWS}
NAMES = {guide.view: guide.name for guide in VIEWS} | {View.SIDE_EFFECT: "Side effect"}

SETS: dict[Presentation, tuple[View, ...]] = {
    Presentation.PATTERN: (
        View.FRONT_HAIRLINE,
        View.CROWN,
        View.MIDLINE,
        View.LEFT_TEMPLE,
        View.RIGHT_TEMPLE,
        View.BACK,
    ),
    Presentation.FRONTAL: (
        View.FRONT_HAIRLINE,
        View.LEFT_TEMPLE,
        View.RIGHT_TEMPLE,
        View.LEFT_SIDE,
        View.RIGHT_SIDE,
    ),
    Presentation.PATCHY: (
        View.PATCH,
        View.CROWN,
        View.FRONT_HAIRLINE,
        View.LEFT_SIDE,
        View.RIGHT_SIDE,
        View.BACK,
    ),
}


PRESENTATIONS = (
    (Presentation.PATTERN, "Pattern hair loss"),
    (Presentation.FRONTAL, "Frontal hair loss or traction"),
    (Presentation.PATCHY, "Patchy hair loss"),
)


def asked(presentation: Presentation) -> tuple[ViewGuide, ...]:
    """The views asked for, in the order they are taken."""
    return tuple(GUIDES[view] for view in SETS[presentation])

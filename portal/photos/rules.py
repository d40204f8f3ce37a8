"""The standard views of a scalp and what a photo's date may be. Views after clinical.md section 5 (S41, S42)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

OLDEST = timedelta(days=365 * 15)


class View(StrEnum):
    """Which part of the scalp a photo shows. SIDE_EFFECT belongs to a report and is not part of the series."""

    FRONT_HAIRLINE = "front_hairline"
    CROWN = "crown"
    MIDLINE = "midline"
    LEFT_TEMPLE = "left_temple"
    RIGHT_TEMPLE = "right_temple"
    BACK = "back"
    SIDE_EFFECT = "side_effect"


@dataclass(frozen=True, slots=True)
class ViewGuide:
    """How a client takes one view: its name, two sentences, and the name of its drawing."""

    view: View
    name: str
    how: str
    drawing: str


VIEWS: tuple[ViewGuide, ...] = (
    ViewGuide(
        View.FRONT_HAIRLINE,
        "Front hairline",
        "Face the camera, chin level, hair held back. Eyebrows in the picture.",
        "front",
    ),
    ViewGuide(
        View.CROWN,
        "Crown",
        "Look down, camera straight above the whorl. Ask somebody to help, or use a timer.",
        "crown",
    ),
    ViewGuide(
        View.MIDLINE,
        "Mid-line parting",
        "Tip your head, comb one parting from forehead to crown. The same parting each time.",
        "parting",
    ),
    ViewGuide(
        View.LEFT_TEMPLE,
        "Left temple",
        "Turn your head to the right, hair held back. From the end of the brow to the ear.",
        "left-temple",
    ),
    ViewGuide(
        View.RIGHT_TEMPLE,
        "Right temple",
        "Turn your head to the left, hair held back. From the end of the brow to the ear.",
        "right-temple",
    ),
    ViewGuide(View.BACK, "Back", "Look down, camera behind you, from ear to ear. Ask somebody to help.", "back"),
)
NAMES = {guide.view: guide.name for guide in VIEWS} | {View.SIDE_EFFECT: "Side effect"}


def date_problem(taken_on: date, today: date) -> str | None:
    """Why this cannot be the day a photo was taken, as a sentence, or None."""
    if taken_on > today:
        return "A photo cannot be from the future. Please check the date."
    if taken_on < today - OLDEST:
        return "This is very long ago. Please check the year."
    return None


def date_of(camera: datetime | None, told: date | None, today: date) -> date | None:
    """The day a photo was taken: the camera's, if it is possible; else what the person told us; else unknown."""
    if camera is not None and date_problem(camera.date(), today) is None:
        return camera.date()
    return told

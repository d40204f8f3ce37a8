"""What to do before and after, in a few sentences. A clinician confirms them before use.

Defaults: no swimming, sauna, sun, peels or dye for 2 to 3 days (a device manual); gentle shampoo after 24 h,
no heavy exercise for 24 to 48 h, no products with alcohol until the skin has closed (consensus of clinics, medium
confidence); minoxidil off on the day and the 24 h after it (sources conflict; the cautious default).
"""

from dataclasses import dataclass

from portal.treatments.models import Treatment


@dataclass(frozen=True, slots=True)
class Advice:
    """Short sentences for the client."""

    before: tuple[str, ...]
    after: tuple[str, ...] = ()


_CONSULTATION = Advice(
    before=(
        "Please answer the health questions in the portal, so that we can use the time for you.",
        "Bring the names of your medicines and of anything you put on your scalp.",
        "Come with clean hair and without styling products, so that we can see the skin.",
    )
)
_TREATMENT = Advice(
    before=(
        "Come with clean, dry hair and without styling products.",
        "If you use minoxidil, leave it out on this day.",
        "Tell us before you come if your scalp is sore, broken, infected or sunburnt, or if you feel ill.",
        "Tell us too if your health or your medicines have changed.",
    ),
    after=(
        "Do not touch the skin. Sleep on a clean pillowcase, and wear a clean hat outdoors.",
        "Wash gently with a mild shampoo after 24 hours. No products with alcohol until the skin feels normal.",
        "No hard exercise for 48 hours. No swimming, sauna, sun or hair dye for 3 days.",
        "If you use minoxidil, wait at least 24 hours, or as your practitioner told you.",
    ),
)


def about(treatment: Treatment) -> Advice:
    """The advice that goes with a treatment."""
    return _CONSULTATION if treatment.is_consultation else _TREATMENT

"""What a practitioner may write into a record. A draft may have gaps; a signature asks for more (`rules.missing`)."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field, create_model

from portal.kit.forms import Form, OptionalLine, OptionalWords, Tick, Words
from portal.records.rules import MOST_PASSES, Dose, Endpoint
from portal.suitability.scope import DEEPEST_MM, SHALLOWEST_MM, Zone

Depth = Annotated[float, Field(ge=SHALLOWEST_MM, le=DEEPEST_MM, allow_inf_nan=False)] | None
Passes = Annotated[int, Field(ge=1, le=MOST_PASSES)] | None


class RecordForm(Form):
    """Everything but the zones; `ZonesForm` adds a depth and a number of passes for each."""

    device: OptionalLine = ""
    cartridge_lot: OptionalLine = ""
    cartridge_expiry: date | None = None
    topical: OptionalLine = ""
    topical_lot: OptionalLine = ""
    anaesthetic: OptionalLine = ""
    endpoint: Endpoint | None = None
    notes: OptionalWords = ""
    aftercare_given: Tick = False

    @property
    def doses(self) -> list[Dose]:
        """The zones of which anything was said."""
        all_zones = (Dose(zone, getattr(self, f"depth_{zone}"), getattr(self, f"passes_{zone}")) for zone in Zone)
        return [dose for dose in all_zones if dose.depth_mm is not None or dose.passes is not None]


_ZONES: dict[str, Any] = {f"depth_{zone}": (Depth, None) for zone in Zone} | {
    f"passes_{zone}": (Passes, None) for zone in Zone
}
ZonesForm: type[RecordForm] = create_model("ZonesForm", __base__=RecordForm, **_ZONES)


class AddendumForm(Form):
    """Something to add to a signed record."""

    text: Words

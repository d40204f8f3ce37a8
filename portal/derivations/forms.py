"""What a client says about one photo."""

from portal.kit.forms import Form, Tick


class UsesForm(Form):
    """What this photo is kept out of, whatever was signed for all."""

    keep_from_teaching: Tick = False
    keep_from_publication: Tick = False

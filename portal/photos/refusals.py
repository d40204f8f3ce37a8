"""Why a photo cannot be taken in: one machine word and one sentence for the person who sent it.

Both sides of the process border use this module, so it knows neither pixels nor processes.
"""

from typing import Final

MAX_BYTES: Final = 25 * 1024 * 1024
MAX_PIXELS: Final = 60_000_000
MAX_JPEG_PIXELS: Final = 110_000_000  # decoded at a fraction of its size; phones offer 64 and 108 megapixels
MAX_SIDE: Final = 12_000
MIN_SIDE: Final = 200

_SEND: Final = "Please send the photo as JPEG, PNG, WebP or HEIC, the way your phone saves it."

SENTENCES: Final = {
    "empty": "This file is empty. Please choose the photo again.",
    "too_large": f"This file is larger than {MAX_BYTES // 1024 // 1024} MB. Please send a smaller copy of the photo.",
    "not_an_image": f"This file is not a photo we can read. {_SEND}",
    "type_not_accepted": f"This is {{kind}}, which we cannot take in. {_SEND}",
    "name_not_accepted": f"The ending “{{ending}}” of the file name is not one of a photo. {_SEND}",
    "damaged": "This photo is incomplete or damaged. Please send it again, or take a new one.",
    "animated": "This file holds several pictures or a short film. Please send one still photo.",
    "too_small": f"This picture is too small to see the scalp on it: each side needs at least {MIN_SIDE} pixels. Please"
    " send the original photo.",
    "too_many_pixels": f"This picture is too big: we can take in less than {MAX_PIXELS // 1_000_000} megapixels"
    f" ({MAX_JPEG_PIXELS // 1_000_000} as JPEG) and at most {MAX_SIDE:,} pixels a side. Please set your camera to a"
    " lower resolution, or send a smaller copy.",
    "too_many_scans": "This JPEG is built up in far more passes than a photo needs. Please send the photo as your phone"
    " saved it, or save it again as JPEG.",
    "bomb": "This file unpacks to far more than a photo should hold. Please take a new photo and send that one.",
    "too_slow": "This photo took too long to read. Please send a smaller copy, or take a new one.",
    "too_much_memory": "This photo needs too much memory to read. Please send a smaller copy, or take a new one.",
    "unreadable": "We could not read this photo. Please send it again as JPEG, or take a new one.",
}


class BadPhoto(ValueError):  # noqa: N818 - it says what is wrong with the photo, not that we erred
    """A file that is not taken in. `code` is a key of SENTENCES; `sentence` says what is wrong and what to do."""

    def __init__(self, code: str, **facts: str) -> None:
        self.code = code
        self.sentence = SENTENCES[code].format(**facts)
        super().__init__(self.sentence)

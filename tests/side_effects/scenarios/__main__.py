"""`python -m tests.side_effects.scenarios`: print what the rules make of all courses; `--write` renews the docs."""

import sys

from tests.side_effects.scenarios.figures import tables
from tests.side_effects.scenarios.page import write

if __name__ == "__main__":
    print(tables())
    if "--write" in sys.argv[1:]:
        write()

"""How much the fault suite does: enough for every check by default, much more with `make soak`."""

import os

SOAK = os.environ.get("QINGTIAN_SOAK") == "1"

KILLS = 50 if SOAK else 6
"""How often the server or PostgreSQL is killed in the middle of pushes."""

EXAMPLES = 5_000 if SOAK else 500
"""How many runs of phones, reviewers and a bad network are tried."""

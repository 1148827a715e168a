"""How much the fault suite does: enough for every check by default, much more with `make soak`."""

import os

from hypothesis import HealthCheck, Phase, settings

SOAK = os.environ.get("QINGTIAN_SOAK") == "1"

KILLS = 50 if SOAK else 6
"""How often the server or PostgreSQL is killed in the middle of pushes."""

EXAMPLES = 2_000 if SOAK else 100
"""How many runs of phones, workers and a bureau over a bad network are tried, of each of the two kinds."""

CUT_EVERY = 1 if SOAK else 5
"""After every how many bytes an answer is cut off; the first and the last are among them in any case."""

STEPS = 20
"""How many things happen in a run at most."""

SEARCH = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    derandomize=not SOAK,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    print_blob=SOAK,
    phases=(Phase.generate, Phase.shrink) if SOAK else (Phase.generate,),
    report_multiple_bugs=False,
)
"""The ordinary suite makes the same runs each time and names the first that fails; a soak makes others and shrinks."""

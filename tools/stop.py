"""Stop the private databases of the checkout that no running service or test uses any more."""
# ruff: noqa: INP001 - a script outside the packages

import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY))

from backend.embedded import stop_cluster  # noqa: E402 - needs nothing but Python, so not the environment either

HOMES = {"QINGTIAN_HOME": ".qingtian", "QINGTIAN_TEST_HOME": ".qingtian/test"}


def main() -> int:
    """Stop what is idle and return the exit code."""
    busy = [home for home in map(_home, HOMES) if not stop_cluster(home)]
    for home in busy:
        print(f"{home} 的数据库仍在使用，请先停止服务 · The database of {home} is in use: stop the service first")
    return 1 if busy else 0


def _home(variable: str) -> Path:
    return Path(os.environ.get(variable) or REPOSITORY / HOMES[variable])


if __name__ == "__main__":
    sys.exit(main())

"""Where programs are that tests ask: on the path, or beside Python, where script/bootstrap puts what it has built."""

import shutil
import sys
from pathlib import Path


def program(name: str) -> str | None:
    """Return the program's path, None where it is not installed."""
    beside = Path(sys.executable).parent / name
    return shutil.which(name) or (str(beside) if beside.exists() else None)

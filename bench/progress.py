"""What a person sees while they wait."""

from __future__ import annotations

import sys
import time

_STARTED = time.monotonic()


def say(text: str) -> None:
    """One line, with the time since the start."""
    elapsed = int(time.monotonic() - _STARTED)
    print(f"{elapsed // 60:3d}:{elapsed % 60:02d}  {text}", file=sys.stderr, flush=True)

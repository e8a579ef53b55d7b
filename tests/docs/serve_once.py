"""Stands in for whoever stops a server: `gatepost serve …` until it has answered once."""

from __future__ import annotations

import os
import sys
import urllib.request
from pathlib import Path

from tests.support.process import ServerProcess


def serve_once(*words: str) -> int:
    """Start the server, have it say that it is ready, and end it; its exit status."""
    server = ServerProcess(Path.cwd(), os.environ, *words)
    with urllib.request.urlopen(f"{server.url}/readyz", timeout=30) as answer:  # noqa: S310
        ready = answer.read().decode()
    status = server.stop()
    sys.stdout.write(f"{ready}\n")
    return status


if __name__ == "__main__":
    sys.exit(serve_once(*sys.argv[1:]))

"""A server whose rights are those of any user: root may write even what is read-only."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.cluster import Cluster

_NO_RIGHTS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--")


def started_without_rights(cluster: Cluster) -> tuple[int, str]:
    """Try to start a server; its exit status and what it says when it cannot."""
    prefix = _NO_RIGHTS if os.geteuid() == 0 else ()
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "gatepost", "serve", "--port", "0"],
        cwd=cluster.folder,
        env=cluster.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr

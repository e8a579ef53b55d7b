"""`gatepost …` without an interpreter of its own: loaded once, and forked for each command.

`forked.py SOCKET WORDS…` has a command run by `forked.py --serve SOCKET`, which was started before:
with this process's environment, folder and standard streams, and its exit status.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence


def serve(place: str) -> None:
    """Fork for each command, until ended."""
    from gatepost.cli import main

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended but their callers
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(place)
        door.listen()
        print("ready", flush=True)
        while True:
            caller, _ = door.accept()
            if os.fork() == 0:
                _run(main, caller)
            caller.close()


def _run(main: Callable[[Sequence[str]], None], caller: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _, streams, _, _ = socket.recv_fds(caller, 1, 3)
    asked = json.loads(caller.makefile().readline())
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    status = 1
    try:
        main(asked["words"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    sys.stdout.flush()
    sys.stderr.flush()
    caller.sendall(bytes([status]))
    os._exit(0)


def ask(place: str, words: Sequence[str]) -> int:
    """Have a command run; its exit status."""
    asked = {"words": words, "folder": os.getcwd(), "environment": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(place)
        socket.send_fds(server, [b" "], [0, 1, 2])
        server.sendall(f"{json.dumps(asked)}\n".encode())
        return server.recv(1)[0]


if __name__ == "__main__":
    first, second, *rest = sys.argv[1:]
    sys.exit(serve(second) if first == "--serve" else ask(first, [second, *rest]))

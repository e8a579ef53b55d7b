"""Take a guard out of the package while it is loaded.

A function gets the code of its namesake in the changed module and stays itself, so that
whoever imported it before meets the change too. Everything else that a module keeps under a
name, a statement of SQL say, is put in the place of what was there. What cannot be changed
this way is changed by nothing, and then no test fails: the list of guards tells.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import gatepost

PACKAGE = Path(gatepost.__file__).parent


def replace_in(file: str, old: str, new: str) -> None:
    """Let a module of the package be as if its source said `new` in place of `old`."""
    path = PACKAGE / file
    source = path.read_text(encoding="utf-8")
    assert source.count(old) == 1, f"{file} has it {source.count(old)} times"
    name = "gatepost." + file.removesuffix(".py").replace("/", ".")
    live = importlib.import_module(name)
    changed: dict[str, Any] = {"__name__": name, "__file__": str(path)}
    code = compile(source.replace(old, new), str(path), "exec", dont_inherit=True)
    exec(code, changed)  # noqa: S102
    _graft(live, changed)


def _graft(live: ModuleType, changed: dict[str, Any]) -> None:
    for name, value in changed.items():
        present = vars(live).get(name)
        if name.startswith("__") or value is present:
            continue
        if isinstance(value, type):
            if present is not None:
                _graft_class(present, value)
        elif not _graft_function(present, value):
            setattr(live, name, value)


def _graft_class(present: type, changed: type) -> None:
    for name, value in vars(changed).items():
        ours = vars(present).get(name)
        if isinstance(value, property) and isinstance(ours, property):
            _graft_function(ours.fget, value.fget)
        else:
            _graft_function(getattr(ours, "__func__", ours), getattr(value, "__func__", value))


def _graft_function(present: Any, changed: Any) -> bool:
    present = getattr(present, "__wrapped__", present)
    changed = getattr(changed, "__wrapped__", changed)
    if not isinstance(present, FunctionType) or not isinstance(changed, FunctionType):
        return False
    if len(present.__code__.co_freevars) == len(changed.__code__.co_freevars):
        present.__code__ = changed.__code__
        present.__defaults__ = changed.__defaults__
        present.__kwdefaults__ = changed.__kwdefaults__
    return True

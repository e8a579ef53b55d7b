"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.measure.figures import Figures, Spread
from bench.report.results import Engine, Run
from bench.report.summary import (
    NAMES,
    OTHER_TITLES,
    SIZED,
    TITLES,
    Missing,
    floor_of,
    measured,
    sizes,
    spread,
)
from bench.report.targets import MIB, TARGETS, Target


def tables(run: Run) -> str:
    """Everything that a run found, as sections of Markdown."""
    if run.plan.only_sizes:
        return by_size(run)
    parts = [_heading(run, f" {run.plan.users:,} users."), _raised(run), "### Aims", _targets(run)]
    for engine in run.engines:
        parts += [f"### {NAMES[engine.engine]}", operations(run, engine), _about(run, engine)]
        if engine.others:
            parts.append(others(run, engine))
        if engine.workers:
            parts.append(_workers(engine))
    return "\n\n".join(part for part in parts if part) + "\n"


def rows(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A table; every column but the first is of numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def number(value: float) -> str:
    """A figure with as many digits as say something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def ranged(values: Spread, scale: float = 1.0) -> str:
    """The median, with the range beside it where there was one."""
    median, least, most = (
        number(value * scale) for value in (values.median, values.least, values.most)
    )
    return median if least == most else f"{median} ({least}–{most})"


def cell(
    rounds: Iterable[Figures], operation: str, at_once: int, measure: str, scale: float = 1.0
) -> str:
    """One measure of an operation; a dash where too few calls were made to tell."""
    try:
        return ranged(spread(rounds, operation, at_once, measure), scale)
    except Missing:
        return "–"


def _heading(run: Run, among: str = "") -> str:
    machine, disk = run.machine, run.disk
    return (
        f"Release {run.release}, {run.finished_at}: {machine.cores} cores of"
        f" {machine.processor}, shared with the load; {machine.memory_gib} GiB;"
        f" {machine.system}, Python {machine.python}. Databases on {disk.file_system}, where a"
        f" flush of 4 KiB takes {number(disk.flush_milliseconds)} ms.{among} One worker,"
        f" median of {run.plan.rounds} rounds with the range in brackets."
    )


def _raised(run: Run) -> str:
    """What the pool was told, so that a reader sees which limits could not be reached."""
    names: dict[str, list[str]] = {}
    for name, value in run.raised.items():
        names.setdefault(value, []).append(f"`{name.removeprefix('limits.')}`")
    words = [f"{', '.join(those)} = {_figure(value)}" for value, those in names.items()]
    return f"Set for the run, all else as it comes: {'; '.join(words)}."


def _figure(value: str) -> str:
    return f"{int(value):,}" if value.isdigit() else value


def by_size(run: Run) -> str:
    """What a few operations cost among few users and among many."""
    return "\n\n".join([_heading(run), *(_sizes(run, engine) for engine in run.engines)]) + "\n"


def _sizes(run: Run, engine: Engine) -> str:
    at_once = max(run.plan.concurrencies)
    head = [f"{NAMES[engine.engine]}, {at_once} at once", "users", "a second", "CPU µs"]
    head += ["PostgreSQL µs"] if engine.engine != "sqlite" else []
    measures = ["rate", "server_cpu", "database_cpu"][: len(head) - 2]
    body = [
        [kind.title, f"{users:,}", *(cell(rounds, kind.name, at_once, m) for m in measures)]
        for kind in SIZED
        for users, rounds in sizes(run, engine).items()
    ]
    return rows(head, body)


def _targets(run: Run) -> str:
    engines = [NAMES[engine.engine] for engine in run.engines]
    head = ["", *[word for name in engines for word in (name, "aim")]]
    return rows(head, [_target(run, target) for target in TARGETS])


def _target(run: Run, target: Target) -> list[str]:
    cells = [f"{target.what}, {target.unit}"]
    for engine in run.engines:
        bound = target.bounds.get(engine.engine)
        try:
            value = target.find(run, engine)
        except Missing:
            cells += ["", ""]
            continue
        mark = "" if target.reached(engine.engine, value) else " ✗"
        sign = "≥" if target.at_least else "≤"
        if bound is None and engine.engine == "sqlite" and not value:
            cells += ["", ""]
            continue
        among, aimed = target.among(run, engine), target.aimed
        cells.append(f"{number(value)}{mark}{f', {among}' if among else ''}")
        cells.append("" if bound is None else f"{sign} {bound:g}{f', {aimed}' if aimed else ''}")
    return cells


def operations(run: Run, engine: Engine) -> str:
    """What every operation did, beside its floor."""
    on_server = engine.engine != "sqlite"
    head = ["operation", "at once", "a second", "p50 ms", "p99 ms", "p99.9 ms", "CPU µs"]
    head += ["PostgreSQL µs"] if on_server else []
    head += ["bare statements: CPU µs", "a second"]
    body = []
    for name, at_once in measured(engine.rounds):
        cells = [TITLES[name], str(at_once)]
        for measure, scale in (("rate", 1.0), ("p50", 1e-3), ("p99", 1e-3), ("p999", 1e-3)):
            cells.append(cell(engine.rounds, name, at_once, measure, scale))
        cells.append(cell(engine.rounds, name, at_once, "server_cpu"))
        if on_server:
            cells.append(cell(engine.rounds, name, at_once, "database_cpu"))
        floor = floor_of(engine, name, at_once)
        if floor is None:
            cells += ["", ""]
        else:
            beside = f" + {number(floor.database_cpu)}" if on_server else ""
            cells += [number(floor.cpu) + beside, number(floor.rate)]
        body.append(cells)
    return rows(head, body)


def others(run: Run, engine: Engine) -> str:
    """What the endpoints cost that were not measured at length."""
    at_once = max(run.plan.concurrencies)
    head = [f"every other endpoint, {at_once} at once", "a second", "CPU µs"]
    head += ["PostgreSQL µs"] if engine.engine != "sqlite" else []
    measures = ["rate", "server_cpu", "database_cpu"][: len(head) - 1]
    body = [
        [title, *(cell(engine.others, name, at_once, measure) for measure in measures)]
        for name, title in OTHER_TITLES.items()
    ]
    return rows(head, body)


def _about(run: Run, engine: Engine) -> str:
    began = (
        f"- Finished {engine.finished_at}."
        f" {run.plan.users:,} users seeded in {engine.seeded_in_seconds:.1f} s;"
        f" first answer {engine.answers_after_seconds:.2f} s after the start; resident"
        f" {engine.resident_at_start / MIB:.0f} MiB at the start,"
        f" {engine.resident_at_end / MIB:.0f} MiB at the end."
    )
    lines = [began]
    if engine.deliveries:
        rates = Spread.of([done.rate for done in engine.deliveries])
        costs = Spread.of([done.server_cpu for done in engine.deliveries])
        lines.append(f"- Mails: {ranged(rates)} a second, {ranged(costs)} µs of CPU each.")
    if engine.busy:
        rates = Spread.of([busy.sign_ins for busy in engine.busy])
        alone = Spread.of([busy.alone for busy in engine.busy])
        shares = Spread.of([busy.share for busy in engine.busy])
        reads = Spread.of([busy.read_p99 for busy in engine.busy])
        lines.append(
            f"- All cores checking passwords: {ranged(rates)} sign-ins a second, argon2id alone"
            f" {ranged(alone)} beside them, which is {ranged(shares)} %; get-profile meanwhile,"
            f" p99 {ranged(reads, 1e-3)} ms."
        )
    if engine.soak:
        lines.append(_soak(engine))
    return "\n".join(lines)


def _soak(engine: Engine) -> str:
    first, last = engine.soak[0], engine.soak[-1]
    return (
        f"- Soak of {last.seconds:.0f} s: {number(first.rate)} operations a second in the first"
        f" turn, {number(last.rate)} in the last; resident {first.resident_bytes / MIB:.0f} and"
        f" {last.resident_bytes / MIB:.0f} MiB; stored {first.stored_bytes / MIB:.0f} and"
        f" {last.stored_bytes / MIB:.0f} MiB."
    )


def _workers(engine: Engine) -> str:
    body = []
    for workers, rounds in engine.workers.items():
        for name, at_once in measured(rounds):
            cells = [TITLES[name], str(workers), str(at_once)]
            for measure, scale in (("rate", 1.0), ("p99", 1e-3), ("server_cpu", 1.0)):
                cells.append(cell(rounds, name, at_once, measure, scale))
            body.append(cells)
    head = ["operation", "workers", "at once", "a second", "p99 ms", "CPU µs"]
    return rows(head, body)

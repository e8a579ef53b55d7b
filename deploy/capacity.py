"""How large a service of so many accounts is: rows, bytes, writes a second, machines.

    python deploy/capacity.py                                  the model, from deploy/measured.json
    python deploy/capacity.py --accounts 10_000_000
    python deploy/capacity.py --measure postgresql://…/empty   measure again, on an empty database

Everything that is a guess stands in ASSUMED and is printed with the result. What it prints for a
thousand million accounts ends README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

MEASURED = Path(__file__).with_name("measured.json")
DAY = 86_400
PAGE_BYTES = 8192
"""Of PostgreSQL. The first change of a page after a checkpoint writes all of it to the log, but for
what is free in it (full_page_writes). Most ids are random: where tables are large, hardly two
changes between two checkpoints are of one page. What was measured has next to none of that,
because a small database's pages are changed again and again."""

ASSUMED = {
    "accounts that come on a day": 0.10,
    "sign-ins by code a day, each of those": 0.3,
    "renewals of a token a day, each of those": 3.0,
    "looks at the profile a day, each of those": 20.0,
    "new accounts a year, of all": 0.3,
    "live sessions an account": 1.2,
    "refresh tokens kept a session": 4.0,
    "events of the audit log kept an account": 12.0,
    "binds and changes of an address kept an account": 1.0,
    "days that a mail's row is kept": 7.0,
    # Counted by pg_waldump: a renewal of a token changes 13 pages, a sign-in 24. Left out are ends
    # of tables and of indexes by time, which everybody changes.
    "pages written whole to the log, each operation that writes": 9.0,
    "busiest second beside the average": 3.0,
    "room in pages that tables and indexes keep free": 1.4,
    "share of a core that is planned for": 0.5,
    "cores of a node": 8.0,
    "cores of a PostgreSQL server": 32.0,
    "terabytes of a PostgreSQL server": 4.0,
    "megabytes of log a second of a PostgreSQL server": 200.0,
}


def per_day(accounts: float) -> dict[str, float]:
    """How often each operation happens on a day."""
    come = accounts * ASSUMED["accounts that come on a day"]
    new = accounts * ASSUMED["new accounts a year, of all"] / 365
    signed_in = come * ASSUMED["sign-ins by code a day, each of those"]
    return {
        "send-email": signed_in + new,
        "sign-up by code": new,
        "sign-in by code": signed_in,
        "get-profile": come * ASSUMED["looks at the profile a day, each of those"],
        "refresh": come * ASSUMED["renewals of a token a day, each of those"],
    }


def rows(accounts: float) -> dict[str, float]:
    """How many rows the tables that grow with accounts have."""
    sessions = accounts * ASSUMED["live sessions an account"]
    mails = per_day(accounts)["send-email"] * ASSUMED["days that a mail's row is kept"]
    return {
        "users": accounts,
        "sessions": sessions,
        "refresh_tokens": sessions * ASSUMED["refresh tokens kept a session"],
        "audit_log": accounts * ASSUMED["events of the audit log kept an account"],
        "email_changes": accounts * ASSUMED["binds and changes of an address kept an account"],
        "outbox": mails,
        "links": mails,
        "verification_codes": mails / ASSUMED["days that a mail's row is kept"] * 2,
        "verification_tries": mails / ASSUMED["days that a mail's row is kept"] * 2,
        "rate_limits": mails / ASSUMED["days that a mail's row is kept"] * 4,
    }


def page_megabytes(writes: float) -> float:
    """What so many operations that write add to the log as whole pages."""
    pages = writes * ASSUMED["pages written whole to the log, each operation that writes"]
    return pages * PAGE_BYTES / ASSUMED["room in pages that tables and indexes keep free"] / 1e6


def model(measured: dict[str, Any], accounts: float) -> dict[str, Any]:
    """The whole reckoning, in units that its names say."""
    free = ASSUMED["room in pages that tables and indexes keep free"]
    sizes = {
        name: (count, measured["tables"][name]["bytes_a_row"] * free)
        for name, count in rows(accounts).items()
        if name in measured["tables"]
    }
    peak = ASSUMED["busiest second beside the average"] / DAY
    rates = {name: count * peak for name, count in per_day(accounts).items()}

    def summed(figure: str) -> float:
        return sum(rate * measured["operations"][name][figure] for name, rate in rates.items())

    terabytes = sum(count * size for count, size in sizes.values()) / 1e12
    share = ASSUMED["share of a core that is planned for"]
    server_cores = summed("server_cpu_us") / 1e6 / share
    storage_cores = summed("postgresql_cpu_us") / 1e6 / share
    writes = sum(rate for name, rate in rates.items() if name != "get-profile")
    log = summed("wal_bytes") / 1e6 + page_megabytes(writes)
    partitions = max(
        terabytes / ASSUMED["terabytes of a PostgreSQL server"],
        log / ASSUMED["megabytes of log a second of a PostgreSQL server"],
        storage_cores / ASSUMED["cores of a PostgreSQL server"],
    )
    return {
        "sizes": sizes,
        "rates": rates,
        "terabytes": terabytes,
        "writes_a_second": writes,
        "page_megabytes_a_second": page_megabytes(writes),
        "wal_megabytes_a_second": log,
        "server_cores": server_cores,
        "nodes": max(2, -(-server_cores // ASSUMED["cores of a node"])),
        "postgresql_cores": storage_cores,
        "partitions": max(1, -(-partitions // 1)),
    }


def shown(measured: dict[str, Any], accounts: float) -> str:
    """The reckoning as Markdown."""
    found = model(measured, accounts)
    lines = ["| table | rows | bytes a row | GB |", "|---|---:|---:|---:|"]
    for name, (count, size) in found["sizes"].items():
        lines.append(f"| {name} | {count:,.0f} | {size:,.0f} | {count * size / 1e9:,.0f} |")
    lines += ["", "| operation | a second, at the busiest |", "|---|---:|"]
    lines += [f"| {name} | {rate:,.0f} |" for name, rate in found["rates"].items()]
    lines += ["", "| in all | |", "|---|---:|"]
    lines += [
        f"| accounts | {accounts:,.0f} |",
        f"| data with indexes | {found['terabytes']:,.1f} TB |",
        f"| operations that write, a second | {found['writes_a_second']:,.0f} |",
        f"| log of PostgreSQL | {found['wal_megabytes_a_second']:,.0f} MB/s |",
        f"| of it pages written whole | {found['page_megabytes_a_second']:,.0f} MB/s |",
        f"| nodes of Gatepost | {found['nodes']:,.0f} ({found['server_cores']:,.0f} cores) |",
        f"| PostgreSQL | {found['postgresql_cores']:,.0f} cores |",
        f"| PostgreSQL servers, each with its standby | {found['partitions']:,.0f} |",
    ]
    lines += ["", "| assumed | |", "|---|---:|"]
    lines += [f"| {name} | {value:g} |" for name, value in ASSUMED.items()]
    return "\n".join(lines)


def main() -> None:
    """Measure where told to, and print the model."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--accounts", type=float, default=1_000_000_000)
    parser.add_argument("--measure", metavar="URL", help="an empty database of PostgreSQL")
    parser.add_argument("--people", type=int, default=3000, help="how many to measure with")
    options = parser.parse_args()
    if options.measure:
        from measuring import measure  # type: ignore[import-not-found,unused-ignore]

        measured = asyncio.run(measure(options.measure, options.people))
        MEASURED.write_text(json.dumps(measured, indent=2) + "\n")
    print(shown(json.loads(MEASURED.read_text()), options.accounts))


if __name__ == "__main__":
    main()

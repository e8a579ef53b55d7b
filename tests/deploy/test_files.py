"""What deploy/ hands out fits the project as it is. No container is built here."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatepost.settings import load_settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile, a line each: instruction and argument."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.M)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines if line.strip()]


def last_stage() -> list[tuple[str, str]]:
    lines = instructions()
    start = max(n for n, (word, _) in enumerate(lines) if word == "FROM")
    return lines[start:]


def test_the_image_has_nothing_that_builds_and_runs_as_nobody_in_particular() -> None:
    stage = dict(last_stage())
    assert stage["USER"] == "10001:10001"
    assert stage["COPY"] == "--from=build /opt/gatepost /opt/gatepost"
    assert json.loads(stage["ENTRYPOINT"]) == ["gatepost"] and json.loads(stage["CMD"]) == ["serve"]
    assert not any(word in stage["RUN"] for word in ("apt", "pip", "curl"))
    check = json.loads(stage["HEALTHCHECK"].partition("CMD ")[2])
    compile(check[-1], "HEALTHCHECK", "exec")
    settings = dict(re.findall(r"(GATEPOST_\w+)=(\S+)", " ".join(a for _, a in last_stage())))
    assert load_settings(settings, Path("/nonexistent")).listening == "http://0.0.0.0:8080"


def test_everything_comes_from_the_locks_and_what_is_copied_is_there() -> None:
    lines = instructions()
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    for word, argument in lines:
        if word == "COPY" and "--from" not in argument:
            for source in argument.split()[:-1]:
                assert (ROOT / source).exists()
                kept = [line[1:] for line in ignored if line.startswith("!")]
                assert any(Path(source).match(pattern) for pattern in kept), source
        assert word != "ADD"
    installs = [argument for word, argument in lines if word == "RUN" and "pip install" in argument]
    assert len(installs) == 3
    for argument in installs:
        locked = "--require-hashes --only-binary :all: -r requirements/" in argument
        assert locked or "--no-deps --no-index wheels/" in argument


def test_the_package_that_is_built_has_words_and_migrations(tmp_path: Path) -> None:
    command = next(a for word, a in instructions() if word == "RUN" and "pip wheel" in a)
    words = [sys.executable if word == "python" else word for word in command.split()]
    words[words.index("wheels")] = str(tmp_path)
    subprocess.run([*words, "--quiet"], cwd=ROOT, check=True, timeout=120)
    (wheel,) = tmp_path.glob("gatepost-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for needed in ("messages/ja-JP.toml", "migrations/versions/0001_foundation.py"):
        assert any(name.endswith(needed) for name in names), needed


@pytest.fixture
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return loaded


def test_nodes_of_the_compose_file_are_shut_in_and_their_settings_are_read(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    services = compose["services"]
    for name in ("node1", "node2", "migrate"):
        node = services[name]
        assert node["read_only"] is True and node["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in node["security_opt"] and "ports" not in node
    settings = load_settings(services["node1"]["environment"], tmp_path)
    assert not settings.on_sqlite and settings.metrics_port == 9464
    # A node that leaves has its 10 s for requests after HAProxy has seen it leave.
    assert int(services["node1"]["stop_grace_period"].rstrip("s")) > settings.drain_seconds + 10
    balancer = services["balancer"]["networks"]["inside"]["ipv4_address"]
    assert [str(network) for network in settings.trusted_proxies] == [f"{balancer}/32"]
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_haproxy_notices_in_less_time_than_a_node_takes_to_leave(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    check = re.search(r"check inter (\d+)s fall (\d+)", (DEPLOY / "haproxy.cfg").read_text())
    assert check is not None
    settings = load_settings(compose["services"]["node1"]["environment"], tmp_path)
    assert settings.drain_seconds > int(check[1]) * (int(check[2]) + 1)


def test_the_model_grows_with_accounts() -> None:
    script = runpy.run_path(str(DEPLOY / "capacity.py"))
    measured = json.loads((DEPLOY / "measured.json").read_text())
    small, large = (script["model"](measured, accounts) for accounts in (1e6, 1e9))
    for figure in ("terabytes", "writes_a_second", "wal_megabytes_a_second", "server_cores"):
        assert large[figure] == pytest.approx(small[figure] * 1000)
    assert small["nodes"] == 2 and small["partitions"] == 1
    assert "email_changes" in large["sizes"]
    assert set(script["rows"](1)) == set(large["sizes"]), "a table that was not measured"
    assert f"{large['terabytes']:,.1f} TB" in script["shown"](measured, 1e9)
    assert script["shown"](measured, 1e9) in (DEPLOY / "README.md").read_text()


def test_the_model_counts_pages_that_are_written_whole() -> None:
    script = runpy.run_path(str(DEPLOY / "capacity.py"))
    measured = json.loads((DEPLOY / "measured.json").read_text())
    model, assumed = script["model"](measured, 1e9), script["ASSUMED"]
    page = 8192 / assumed["room in pages that tables and indexes keep free"] / 1e6
    pages = assumed["pages written whole to the log, each operation that writes"]
    log = model["wal_megabytes_a_second"]
    assert pages > 1
    assert model["page_megabytes_a_second"] == pytest.approx(
        model["writes_a_second"] * pages * page
    )
    assert log > model["page_megabytes_a_second"]
    # No server is asked to write down more than it and its standby can.
    assert log / model["partitions"] <= assumed["megabytes of log a second of a PostgreSQL server"]

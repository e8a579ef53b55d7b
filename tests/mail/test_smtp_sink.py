"""The sink by itself, as a process, read by the standard library's client."""

from __future__ import annotations

import json
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
MAIL = "Subject: =?utf-8?B?5a6J?=\r\n\r\nYour code:\r\n\r\n482913\r\n.hidden\r\n"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.support.smtp_sink", "--json"]
    sink = subprocess.Popen(
        [*command, "--output", str(tmp_path / "mails")],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield sink
    finally:
        sink.terminate()
        sink.communicate(timeout=10)


def test_the_sink_writes_each_mail_as_a_line(
    process: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert process.stdout
    port = json.loads(process.stdout.readline())["port"]
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.sendmail("no-reply@gatepost.example", ["ann@example.com"], MAIL)

    (line,) = (tmp_path / "mails").read_text("utf-8").splitlines()
    assert json.loads(line) == {
        "to": "ann@example.com",
        "from": "no-reply@gatepost.example",
        "subject": "安",
        "text": "Your code:\r\n\r\n482913\r\n.hidden\r\n",
        "html": "",
        "code": "482913",
    }

"""Databases in memory would be fast for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.__main__ import main
from bench.world import disk
from bench.world.disk import Disk, NotDurable, file_system, see_that_it_lasts

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /memory rw,nosuid - tmpfs tmpfs rw,size=4g
24 23 254:1 / /memory/on\\040disk rw - xfs /dev/vdb rw
25 22 0:30 / /covered rw - ramfs ramfs rw
26 22 254:2 / /covered rw - btrfs /dev/vdc rw
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    path = tmp_path / "mountinfo"
    path.write_text(MOUNTS)
    return path


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/data", "ext4"),
        ("/memory/gatepost", "tmpfs"),
        ("/memory/on disk/gatepost", "xfs"),
        ("/memoryless", "ext4"),
        ("/covered/by/another", "btrfs"),
    ],
)
def test_the_innermost_mount_says_what_a_folder_is_on(mounts: Path, folder: str, kind: str) -> None:
    assert file_system(Path(folder), mounts) == kind


def test_memory_is_refused_in_one_line_that_says_what_to_do(mounts: Path) -> None:
    with pytest.raises(NotDurable, match=r"^/memory/x is in memory \(tmpfs\).*--folder$"):
        see_that_it_lasts(Path("/memory/x"), mounts)
    see_that_it_lasts(Path("/memory/on disk/x"), mounts)


def test_the_benchmark_does_not_begin_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(disk, "IN_MEMORY", {file_system(tmp_path)})
    assert main(["quick", "--folder", str(tmp_path)]) == 1
    assert "--folder" in capsys.readouterr().err


def test_a_flush_takes_its_time(tmp_path: Path) -> None:
    assert Disk.of(tmp_path).flush_milliseconds > 0

"""What MkDocs calls when it builds: it finds the made pages among the written ones."""

from __future__ import annotations

import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

# The client is a distribution of its own, which building the pages does not install.
sys.path.append(str(Path(__file__).parents[2] / "client" / "src"))

from docs.making import PAGES


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the made pages."""
    for place, made in PAGES.items():
        files.append(File.generated(config, place, content=made()))
    return files

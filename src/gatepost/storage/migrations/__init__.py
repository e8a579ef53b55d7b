"""The schema's history. Scripts are plain SQL, the same on both engines but for their types."""

HEAD = "0005"
"""The version this release works with: known without loading Alembic, which takes its time."""

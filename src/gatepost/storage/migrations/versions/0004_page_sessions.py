"""Sessions that a browser holds by a cookie: the same list as all others."""

from alembic import context, op

from gatepost.storage.migrations.dialect import in_dialect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CHANGES = """
ALTER TABLE sessions ADD COLUMN cookie_digest text
;;
CREATE UNIQUE INDEX sessions_cookie_unique ON sessions (cookie_digest)
    WHERE cookie_digest IS NOT NULL
"""


def upgrade() -> None:
    """Make everything."""
    for statement in _CHANGES.split(";;"):
        op.execute(in_dialect(statement.strip(), context.get_context().dialect.name))

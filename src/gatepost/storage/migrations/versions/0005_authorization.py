"""Authorization codes, consents, and which session of a browser an app's session began in."""

from alembic import context, op

from gatepost.storage.migrations.dialect import in_dialect

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_CHANGES = """
ALTER TABLE sessions ADD COLUMN parent_id text
;;
CREATE INDEX sessions_by_parent ON sessions (parent_id) WHERE parent_id IS NOT NULL
;;
CREATE TABLE authorization_codes (
    digest text NOT NULL PRIMARY KEY,
    app_id text NOT NULL,
    user_id text NOT NULL REFERENCES users (id),
    session_id text NOT NULL,
    redirect_uri text NOT NULL,
    scope text NOT NULL,
    nonce text,
    code_challenge text,
    expires_at bigint NOT NULL,
    used_at bigint,
    begun_id text
)
;;
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at)
;;
CREATE INDEX authorization_codes_by_user ON authorization_codes (user_id)
;;
CREATE TABLE consents (
    user_id text NOT NULL REFERENCES users (id),
    app_id text NOT NULL,
    scope text NOT NULL,
    given_at bigint NOT NULL,
    PRIMARY KEY (user_id, app_id)
)
"""


def upgrade() -> None:
    """Make everything."""
    for statement in _CHANGES.split(";;"):
        op.execute(in_dialect(statement.strip(), context.get_context().dialect.name))

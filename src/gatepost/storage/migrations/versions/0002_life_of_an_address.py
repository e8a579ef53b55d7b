"""Changes of an address and what undoes them, steps with a token, refresh tokens, seals.

`users.stamp` counts every change of address, password or status: what was granted before a
change is worth nothing after it.
"""

from alembic import context, op

from gatepost.storage.migrations.dialect import in_dialect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_CHANGES = """
ALTER TABLE users ADD COLUMN stamp bigint NOT NULL DEFAULT 0
;;
ALTER TABLE users ADD COLUMN email_probation_until bigint NOT NULL DEFAULT 0
;;
ALTER TABLE users ADD COLUMN changes_paused_until bigint NOT NULL DEFAULT 0
;;
CREATE TABLE refresh_tokens (
    digest text NOT NULL PRIMARY KEY,
    session_id text NOT NULL REFERENCES sessions (id),
    app_id text NOT NULL,
    issued_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint,
    key_id text
)
;;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id)
;;
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at)
;;
CREATE TABLE step_tokens (
    purpose text NOT NULL,
    user_id text NOT NULL REFERENCES users (id),
    digest text NOT NULL,
    session_id text NOT NULL,
    stamp bigint NOT NULL,
    new_email text,
    expires_at bigint NOT NULL,
    PRIMARY KEY (purpose, user_id)
)
;;
CREATE UNIQUE INDEX step_tokens_digest_unique ON step_tokens (digest)
;;
CREATE INDEX step_tokens_by_expiry ON step_tokens (expires_at)
;;
CREATE TABLE email_changes (
    id text NOT NULL PRIMARY KEY,
    user_id text NOT NULL REFERENCES users (id),
    event text NOT NULL,
    old_email text,
    new_email text,
    happened_at bigint NOT NULL,
    voided_at bigint
)
;;
CREATE INDEX email_changes_of_user ON email_changes (user_id, happened_at)
;;
CREATE TABLE links (
    digest text NOT NULL PRIMARY KEY,
    purpose text NOT NULL,
    user_pool_id text NOT NULL,
    app_name text NOT NULL,
    subject text NOT NULL,
    email text NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
)
;;
CREATE INDEX links_by_expiry ON links (expires_at)
;;
CREATE TABLE mail_stops (
    user_pool_id text NOT NULL,
    email text NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (user_pool_id, email)
)
;;
CREATE INDEX mail_stops_by_expiry ON mail_stops (expires_at)
"""


def upgrade() -> None:
    """Make everything."""
    for statement in _CHANGES.split(";;"):
        op.execute(in_dialect(statement.strip(), context.get_context().dialect.name))

"""The load: people who call, and the mailboxes they read."""

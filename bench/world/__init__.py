"""The stage: databases, people, and the server."""

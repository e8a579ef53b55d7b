"""What makes the audit log worth believing: digests, seals, retention, verification."""

"""What a monitoring system may ask a server."""

"""Mail: from words in a folder to bytes at a server."""

"""Pages, rendered by the server. They call the same functions as the API."""

"""The asynchronous client. It is written here; the synchronous one is made from it."""

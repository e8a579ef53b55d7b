"""The synchronous client. Made by client/generate.py."""
# Made by client/generate.py from the file of this name: edit that one.

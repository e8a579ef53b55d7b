"""Gatepost: a self-hosted identity server for accounts that live on an e-mail address."""

__version__ = "0.1.0"

"""What the two clients do not have in common: how they wait."""

from __future__ import annotations

import asyncio

import httpx2

HttpClient = httpx2.AsyncClient
HttpTransport = httpx2.AsyncBaseTransport
Lock = asyncio.Lock
sleep = asyncio.sleep

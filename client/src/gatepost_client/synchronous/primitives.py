"""What the two clients do not have in common: how they wait."""

from __future__ import annotations

import threading
import time

import httpx2

HttpClient = httpx2.Client
HttpTransport = httpx2.BaseTransport
Lock = threading.Lock
sleep = time.sleep

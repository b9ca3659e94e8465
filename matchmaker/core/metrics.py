"""Figures for Prometheus: requests by route and status, and how long they took."""

from __future__ import annotations

import os

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

REQUESTS = Counter("matchmaker_requests", "Requests answered", ["method", "route", "status"])
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
SECONDS = Histogram("matchmaker_request_seconds", "Time to answer", ["route"], buckets=BUCKETS)


def observe(*, method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def page() -> tuple[bytes, str]:
    """(body, content type); with several workers (PROMETHEUS_MULTIPROC_DIR set) the figures of all of them."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return generate_latest(registry), CONTENT_TYPE_LATEST

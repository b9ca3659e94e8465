"""Sixteen clients: `python -m tests.benchmarks.load URL FILE` posts what FILE lists and prints the answers as JSON."""

from __future__ import annotations

import http.client
import json
import sys
import threading
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

CLIENTS = 16


def post(host: str, jobs: list[dict[str, Any]], results: list[tuple[float, int, str]]) -> None:
    """One client with one connection."""
    connection = http.client.HTTPConnection(host, timeout=120)
    for job in jobs:
        began = perf_counter()
        connection.request("POST", job["path"], job["body"], job["headers"])
        answer = connection.getresponse()
        body = answer.read()
        said = "名额已满" if "名额已满".encode() in body else ""
        results.append((perf_counter() - began, answer.status, said))
    connection.close()


def main(url: str, file: str) -> None:
    """Run all clients at once."""
    jobs = json.loads(Path(file).read_text(encoding="utf-8"))
    host = urlsplit(url).netloc
    seconds, results = run(host, jobs)
    print(json.dumps({"seconds": seconds, "answers": results}))


def run(host: str, jobs: list[dict[str, Any]]) -> tuple[float, list[tuple[float, int, str]]]:
    """All clients at once, each with its share of the jobs."""
    results: list[tuple[float, int, str]] = []
    clients = [threading.Thread(target=post, args=(host, jobs[i::CLIENTS], results)) for i in range(CLIENTS)]
    began = perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return perf_counter() - began, results


if __name__ == "__main__":
    main(*sys.argv[1:])

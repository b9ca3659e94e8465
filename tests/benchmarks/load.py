"""Sixteen clients: `python -m tests.benchmarks.load URL FILE` posts what FILE lists and prints the answers as JSON.

Each keeps one connection and takes the next job when it is answered: the kernel deals connections out to the workers
unevenly, and with shares given out before, the worker with fewer connections would be idle in the end.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
from pathlib import Path
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

CLIENTS = 16


def post(host: str, jobs: SimpleQueue[dict[str, Any]], results: list[tuple[float, int, str]]) -> None:
    """One client with one connection."""
    connection = http.client.HTTPConnection(host, timeout=120)
    while True:
        try:
            job = jobs.get_nowait()
        except Empty:
            break
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
    """All clients at once, until every job is done."""
    results: list[tuple[float, int, str]] = []
    waiting: SimpleQueue[dict[str, Any]] = SimpleQueue()
    for job in jobs:
        waiting.put(job)
    clients = [threading.Thread(target=post, args=(host, waiting, results)) for _ in range(CLIENTS)]
    began = perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return perf_counter() - began, results


if __name__ == "__main__":
    main(*sys.argv[1:])

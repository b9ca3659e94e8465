"""What a worker of the web server sets for itself before it answers."""

import subprocess
import sys

WORKER = """
import gc, sys
from types import SimpleNamespace
from flask import Flask
from matchmaker.core import serving

app, seen = Flask("worker"), []
serving.when_serving(app, lambda: seen.append("begun"))
serving.post_worker_init(SimpleNamespace(wsgi=app))
print(seen, sys.getswitchinterval() < 0.001, gc.get_freeze_count() > 10_000, gc.isenabled())
"""


def test_a_worker_spares_the_collector_what_stays_and_begins_what_runs_beside_it():
    said = subprocess.run([sys.executable, "-c", WORKER], capture_output=True, text=True, check=True, timeout=120)

    assert said.stdout.split("\n")[0] == "['begun'] True True True"

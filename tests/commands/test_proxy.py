"""The reverse proxy of docs/operate.md, run as it stands there: HTTPS outside, the application behind it.

Needs nginx (`NGINX=/path/to/nginx` names one that is not on the PATH).
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from matchmaker.app import create_app
from matchmaker.settings import Settings
from tests import schema
from tests.commands import running

DOC = running.ROOT / "docs/operate.md"
NGINX = os.environ.get("NGINX") or shutil.which("nginx")
NAME = "kct.example.cn"
SECRET = "a secret of more than sixteen signs"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(NGINX is None, reason="no nginx here (NGINX=/path names one)")]


def a_certificate(folder: Path) -> None:
    """A certificate for the name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "privkey.pem").write_bytes(pem)


def written_down() -> str:
    """The configuration as it stands in the manual."""
    found = re.search(r"```nginx\n(.*?)```", DOC.read_text(encoding="utf-8"), re.S)
    assert found, "docs/operate.md shows no nginx configuration"
    return found[1]


@pytest.fixture
def application(tmp_path):
    """The application under gunicorn, told that one proxy stands before it; its port."""
    instance = tmp_path / "instance"
    values = {"MATCHMAKER_SECRET_KEY": SECRET, "MATCHMAKER_PROXY_COUNT": "1", "MATCHMAKER_HTTPS_ONLY": "true"}
    values |= {"MATCHMAKER_BASE_URL": f"https://{NAME}", "MATCHMAKER_TRUSTED_HOSTS": NAME}
    app = create_app(Settings(secret_key=SECRET, instance=str(instance)))
    with app.app_context():
        schema.create()
    port = running.free_port()
    command = [sys.executable, "-m", "gunicorn", "matchmaker.app:create_app()", "--bind", f"127.0.0.1:{port}"]
    environment = running.environment(instance, **values)
    process = subprocess.Popen(command, env=environment, cwd=running.ROOT, stderr=subprocess.DEVNULL)
    wait(port)
    yield port
    process.terminate()
    process.wait(timeout=30)


def wait(port: int) -> None:
    """Until somebody listens."""
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(port)


@pytest.fixture
def outside(application, tmp_path):
    """(HTTPS port, HTTP port) of nginx with the manual's configuration before the application."""
    a_certificate(tmp_path)
    https, http = running.free_port(), running.free_port()
    text = written_down()
    for there, here in {
        "127.0.0.1:8000": f"127.0.0.1:{application}",
        "/etc/ssl/kct": str(tmp_path),
        "listen 443": f"listen 127.0.0.1:{https}",
        "listen 80": f"listen 127.0.0.1:{http}",
    }.items():
        assert there in text, f"{there} is not in the manual's configuration"
        text = text.replace(there, here)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    frame = (
        f"daemon off; pid {tmp_path}/pid; error_log stderr;events {{}}\nhttp {{ access_log off; {folders}\n{text}\n}}"
    )
    file = tmp_path / "nginx.conf"
    file.write_text(frame, encoding="utf-8")
    process = subprocess.Popen([str(NGINX), "-p", str(tmp_path), "-c", str(file)])
    wait(https)
    yield https, http
    process.terminate()
    process.wait(timeout=30)


def test_the_manuals_proxy_speaks_https_for_the_application(outside, tmp_path):
    https, http = outside
    trust = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))

    def ask(path, **headers):
        connection = HTTPSConnection("127.0.0.1", https, context=trust, timeout=20)
        connection.request("GET", path, headers={"Host": NAME, **headers})
        answer = connection.getresponse()
        return answer, answer.read().decode()

    page, text = ask("/checkin/")
    cookie = page.getheader("Set-Cookie") or ""
    assert page.status == 200
    assert "签到口令" in text
    assert cookie.startswith("__Host-")
    assert "Secure" in cookie
    assert page.getheader("Strict-Transport-Security")
    worker, _script = ask("/checkin/worker.js")
    assert worker.getheader("Service-Worker-Allowed") == "/checkin/"

    plain = HTTPConnection("127.0.0.1", http, timeout=20)
    plain.request("GET", "/checkin/", headers={"Host": NAME})
    assert plain.getresponse().getheader("Location") == f"https://{NAME}/checkin/"


def test_nobody_gives_themselves_another_address(outside, tmp_path):
    """A false X-Forwarded-For buys no fresh tries at typing codes."""
    https, _http = outside
    trust = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))

    def try_code(n):
        connection = HTTPSConnection("127.0.0.1", https, context=trust, timeout=20)
        connection.request("GET", "/checkin/", headers={"Host": NAME})
        answer = connection.getresponse()
        cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
        assert token
        headers = {
            "Host": NAME,
            "Cookie": cookie,
            "Referer": f"https://{NAME}/checkin/",
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": f"203.0.113.{n}",
        }
        connection.request("POST", "/checkin/", body=f"csrf_token={token[1]}&code=AAAABBBB", headers=headers)
        return connection.getresponse().read().decode()

    answers = [try_code(n) for n in range(12)]

    assert "一刻钟" in answers[-1]
    assert "一刻钟" not in answers[0]

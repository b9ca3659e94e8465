"""Every setting: typed, defaulted, documented, read from MATCHMAKER_* environment variables."""

from __future__ import annotations

import os
import types
import typing
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

DEFAULT_SECRET = "change-me-before-serving"  # noqa: S105 - the very value that `serve` refuses


def setting(default: Any, doc: str) -> Any:
    """A field whose `doc` appears in `docs/settings.md` (a test compares)."""
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True)
class Settings:
    """The platform's settings; `Settings.from_environment()` reads them once at start."""

    secret_key: str = setting(DEFAULT_SECRET, "Signs cookies and links; `serve` refuses the default.")
    pii_key: str = setting("", "Key for encrypted id numbers (base64, 32 bytes); derived from the secret key if empty.")
    instance: str = setting("instance", "Folder for the database, uploads and generated files.")
    database_url: str = setting("", "SQLAlchemy URL; empty means SQLite in the instance folder.")
    base_url: str = setting("http://127.0.0.1:8000", "Address under which people reach the site; used in mails.")
    trusted_hosts: str = setting("", "Comma-separated host names that are answered; empty answers all (demo only).")
    proxy_count: int = setting(0, "How many reverse proxies stand in front and set X-Forwarded-*.")
    https_only: bool = setting(False, "Cookies only over HTTPS, HSTS sent.")
    region: str = setting("650105", "GB/T 2260 code of the district this site serves.")
    site_name: str = setting("科创通", "Name of the site in the top bar.")
    district_name: str = setting("水磨沟区科学技术局", "Name of the bureau in the top bar and on papers.")
    district_name_en: str = setting("", "English name of the bureau on English papers; empty shows the Chinese one.")
    contact_phone: str = setting("0991-0000000", "Phone number shown where help is offered.")
    icp_number: str = setting("", "ICP filing number in the footer.")
    police_number: str = setting("", "Public security filing number in the footer.")
    demo: bool = setting(False, "Demo mode: shows the sign-in list of demo accounts; `serve` refuses demo accounts.")
    mail_backend: str = setting("console", "console, file, smtp or locmem (tests).")
    mail_server: str = setting("localhost", "SMTP host.")
    mail_port: int = setting(25, "SMTP port.")
    mail_username: str = setting("", "SMTP user.")
    mail_password: str = setting("", "SMTP password.")
    mail_use_tls: bool = setting(False, "STARTTLS on the SMTP connection.")
    mail_from: str = setting("noreply@example.cn", "Sender address of all mail.")
    sms_gateway_url: str = setting("", "HTTP address that takes {phone, text}; empty writes to a file in the instance.")
    sms_gateway_token: str = setting("", "Bearer token for the SMS gateway.")
    webhook_http: bool = setting(False, "Webhooks may go to http:// addresses (development and in-house).")
    webhook_private: bool = setting(False, "Webhooks may go to private and loopback addresses (in-house).")
    oidc_issuer: str = setting("", "Issuer of the region's unified sign-in (OIDC); empty turns it off.")
    oidc_client_id: str = setting("", "Client id at the unified sign-in.")
    oidc_client_secret: str = setting("", "Client secret at the unified sign-in.")
    staff_second_factor: bool = setting(False, "Staff must use a TOTP second factor.")
    idle_minutes: int = setting(120, "A session without a request for this long is signed out.")
    session_days: int = setting(14, "The longest life of a session.")
    lockout_attempts: int = setting(8, "Failed sign-ins of one account or address within a quarter of an hour.")
    flood_limit: str = setting("1200 per minute", "Requests of one address before it is told to wait; empty: no limit.")
    rate_storage: str = setting("memory://", "Where floods are counted; Redis when machines are several.")
    log_format: str = setting("console", "console or json.")
    log_retention_days: int = setting(190, "Audit and sign-in records are kept at least this long (six months by law).")
    upload_limit_mb: int = setting(32, "Largest upload.")
    file_store: str = setting("local", "local, or s3://bucket/prefix with the s3 extra.")
    match_index: str = setting("memory", "memory, or pgvector: candidates for needs from an HNSW index in PostgreSQL.")
    match_warm: bool = setting(True, "The web process reads the profiles for matching right after its start.")
    dask_scheduler: str = setting(
        "", "Address of a Dask scheduler for ranking many needs at once; empty: this process."
    )
    password_cost: str = setting("normal", "normal or cheap (tests only): work factor of the password hash.")
    metrics: bool = setting(False, "Serve Prometheus figures under /metrics to scrapers on this machine.")

    @classmethod
    def from_environment(cls, environ: typing.Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """Read MATCHMAKER_<NAME>; `overrides` win. Raises ValueError naming the variable that does not fit."""
        environ = os.environ if environ is None else environ
        hints = typing.get_type_hints(cls)
        values: dict[str, Any] = {}
        for spec in fields(cls):
            raw = environ.get(f"MATCHMAKER_{spec.name.upper()}")
            if raw is not None:
                values[spec.name] = _convert(spec.name, raw, hints[spec.name])
        return cls(**(values | overrides))

    @property
    def instance_path(self) -> Path:
        """The instance folder as an absolute path."""
        return Path(self.instance).absolute()

    @property
    def sqlalchemy_url(self) -> str:
        """The database address, with psycopg 3 named for PostgreSQL."""
        if not self.database_url:
            return f"sqlite:///{self.instance_path / 'matchmaker.db'}"
        for prefix in ("postgres://", "postgresql://"):
            if self.database_url.startswith(prefix):
                return "postgresql+psycopg://" + self.database_url.removeprefix(prefix)
        return self.database_url


def _convert(name: str, raw: str, kind: type | types.UnionType) -> Any:
    if kind is bool:
        if raw.lower() in {"1", "true", "yes", "on"}:
            return True
        if raw.lower() in {"0", "false", "no", "off", ""}:
            return False
        raise ValueError(f"MATCHMAKER_{name.upper()}: {raw!r} is neither true nor false")
    if kind is int:
        try:
            return int(raw)
        except ValueError:
            raise ValueError(f"MATCHMAKER_{name.upper()}: {raw!r} is not a whole number") from None
    return raw

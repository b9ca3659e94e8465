"""Keeping uploads, and handing them out to the right people."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from PIL import Image

from matchmaker.accounts.rules import Role
from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.core.errors import DomainError, Missing
from matchmaker.files import gateways, queries, services
from matchmaker.files.gateways import LocalStore, ObjectStore
from matchmaker.files.models import StoredFile
from tests.cast import OTHER_REGION, a_user, sign_in
from tests.factories.directory import an_organisation
from tests.factories.files import PDF, a_picture, an_upload


@pytest.fixture(autouse=True)
def _own_folder(request, tmp_path):
    if "app" in request.fixturenames:
        request.getfixturevalue("app").extensions["matchmaker.files"] = LocalStore(tmp_path)


def attached(name="章程.pdf", content=PDF, *, actor, subject=None):
    subject = subject or an_organisation()
    with transaction():
        return services.attach(an_upload(name, content), subject=subject, actor=actor, purpose="charter")


def test_attach_keeps_name_kind_and_content(app, now):
    owner = a_user()
    firm = an_organisation()

    row = attached(actor=owner, subject=firm)

    assert (row.name, row.mimetype, row.size, row.subject_kind, row.subject_id, row.region) == (
        "章程.pdf",
        "application/pdf",
        len(PDF),
        "organisations",
        firm.id,
        "650105",
    )
    assert services.content_of(row) == PDF
    assert queries.of(firm, purpose="charter") == [row]
    assert queries.of(firm, purpose="other") == []


def test_one_content_is_stored_once(app, now):
    owner = a_user()

    rows = [attached(actor=owner), attached("副本.pdf", actor=owner)]

    assert len({row.sha256 for row in rows}) == 1
    assert len(list(gateways.store().list())) == 1


def test_pictures_lose_what_is_hidden_in_them(app, now):
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    content = a_picture("JPEG", exif=exif.tobytes()) + b"<script>alert(1)</script>"

    kept = services.content_of(attached("a.jpg", content, actor=a_user()))

    assert b"SECRET-PLACE" in content
    assert b"SECRET-PLACE" not in kept
    assert b"<script>" not in kept
    assert Image.open(io.BytesIO(kept)).size == (8, 8)


def test_a_picture_of_too_many_pixels_is_refused(app, now, monkeypatch):
    monkeypatch.setattr(gateways, "MAX_IMAGE_PIXELS", 63)

    with pytest.raises(DomainError, match="尺寸过大"):
        attached("a.png", a_picture(), actor=a_user())

    assert db.session.execute(sa.select(StoredFile)).first() is None


def test_a_broken_picture_is_refused(app, now):
    with pytest.raises(DomainError, match="打不开"):
        attached("a.png", a_picture()[:40], actor=a_user())


def test_a_file_is_for_its_uploader_and_the_auditor_of_the_region_only(client, now):
    owner = a_user()
    file_id = attached(actor=owner).id

    def status(user=None):
        browser = client.application.test_client()
        return (sign_in(browser, user) if user else browser).get(f"/files/{file_id}").status_code

    assert status(owner) == 200
    assert status(a_user(Role.AUDITOR)) == 200
    assert [status(), status(a_user()), status(a_user(Role.HANDLER))] == [404, 404, 404]
    assert status(a_user(Role.AUDITOR, region=OTHER_REGION)) == 404


def test_downloads_are_attachments_and_never_sniffed(client, now):
    owner = a_user()
    file_id = attached("申请 表.pdf", actor=owner).id

    response = sign_in(client, owner).get(f"/files/{file_id}")

    assert response.data == PDF
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["Cache-Control"] == "no-store"


def test_clearing_spares_what_is_needed_and_what_is_young(app):
    owner = a_user()
    kept = attached(actor=owner)
    gone = attached("a.png", a_picture(), actor=owner)
    with transaction():
        services.detach(gone, actor=owner)

    with transaction():
        young = services.clear_orphans()
    with clock.frozen(clock.now() + timedelta(days=2)), transaction():
        old = services.clear_orphans()

    assert (young, old) == (0, 1)
    assert gateways.store().exists(kept.sha256)
    assert not gateways.store().exists(gone.sha256)


def stores(tmp_path):
    obstore = pytest.importorskip("obstore.store", reason="the s3 extra is not installed")
    return [LocalStore(tmp_path), ObjectStore(obstore.MemoryStore())]


def test_every_store_answers_alike(tmp_path):
    for store in stores(tmp_path):
        assert (store.exists("ab12"), store.size("ab12"), list(store.list())) == (False, 0, [])
        with pytest.raises(Missing):
            store.get("ab12")
        store.put("ab12", b"content")
        store.put("ab12", b"content")
        assert (store.get("ab12"), store.size("ab12"), [i.key for i in store.list()]) == (b"content", 7, ["ab12"])
        store.delete("ab12")
        store.delete("ab12")
        assert not store.exists("ab12")

"""Photos that were used before are found after they were saved again or resized; that warns and never blocks."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image, ImageDraw, ImageEnhance
from werkzeug.datastructures import FileStorage

from matchmaker.accounts.rules import Role
from matchmaker.core.db import transaction
from matchmaker.envoys import gateways, rules
from matchmaker.envoys.rules import VisitState
from matchmaker.envoys.services import visits
from tests.cast import a_user, sign_in
from tests.factories.envoys import a_photo, a_visit, account, an_envoy


def a_scene(seed, size=(960, 720)):
    """A picture of a place: walls, machines, people; another seed is another place."""
    rnd = random.Random(seed)
    picture = Image.new("RGB", size, (rnd.randrange(90, 200),) * 3)
    draw = ImageDraw.Draw(picture)
    for _ in range(24):
        x, y = rnd.randrange(size[0]), rnd.randrange(size[1])
        box = (x, y, x + rnd.randrange(60, 400), y + rnd.randrange(60, 300))
        (draw.rectangle if rnd.random() < 0.6 else draw.ellipse)(box, fill=tuple(rnd.randrange(256) for _ in range(3)))
    return picture


def saved(picture, form="JPEG", **options):
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


CHANGES = {
    "saved again": lambda p: saved(p, quality=45),
    "resized": lambda p: saved(p.resize((480, 360)), quality=85),
    "as PNG": lambda p: saved(p, "PNG"),
    "brighter": lambda p: saved(ImageEnhance.Brightness(p).enhance(1.12), quality=85),
    "smaller and worse": lambda p: saved(p.resize((320, 240)), quality=30),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_looks_like_its_original(change):
    for seed in range(40):
        scene = a_scene(seed)
        original = gateways.likeness_of(saved(scene, quality=90))
        copy = gateways.likeness_of(CHANGES[change](scene))
        assert rules.distance(original, copy) <= rules.ALIKE, (seed, change)


def test_different_places_do_not_look_alike():
    known = [gateways.likeness_of(saved(a_scene(seed))) for seed in range(120)]
    pairs = [(a, b) for at, a in enumerate(known) for b in known[at + 1 :]]

    assert sum(rules.distance(a, b) <= rules.ALIKE for a, b in pairs) == 0
    assert all(rules.tells_anything(each) for each in known)


def test_blank_pictures_and_files_that_are_none_tell_nothing():
    assert not rules.tells_anything(gateways.likeness_of(saved(Image.new("RGB", (640, 480), "white"))))
    assert gateways.likeness_of(b"no picture") is None
    assert not rules.tells_anything(None)


def upload(content):
    return FileStorage(io.BytesIO(content), filename="现场.jpg", content_type="image/jpeg")


@pytest.fixture
def agreement(app, now):
    return an_envoy()


def test_a_used_photo_resized_warns_the_handler_and_blocks_nobody(client, agreement):
    scene = a_scene(7)
    first = a_visit(agreement, days_ago=5, photo=upload(saved(scene, quality=90)))
    second = a_visit(an_envoy(name="另一位"), days_ago=3, photo=upload(saved(scene.resize((480, 360)), quality=70)))
    third = a_visit(agreement, days_ago=2, photo=upload(saved(a_scene(8))))
    plain = [a_visit(agreement, days_ago=1, hours=1), a_visit(agreement, days_ago=4, photo=a_photo())]

    assert (second.state, second.alike_id) == (VisitState.WAITING, first.id)
    assert [row.alike_id for row in (first, third, *plain)] == [None] * 4
    page = f"/envoys/visits/{second.id}"
    handler = sign_in(client, a_user(Role.HANDLER))
    assert "照片很像" in handler.get(page).text
    assert "照片相似的服务" in handler.get("/envoys/overview").text
    assert "照片很像" not in sign_in(client, account(second.agreement)).get(page).text


def test_a_photo_may_come_again_after_the_visit_was_taken_back(agreement):
    content = saved(a_scene(9))
    first = a_visit(agreement, days_ago=5, photo=upload(content))
    user = account(agreement)
    with transaction():
        visits.retract(first, actor=user)

    assert a_visit(agreement, days_ago=5, photo=upload(content)).alike_id is None

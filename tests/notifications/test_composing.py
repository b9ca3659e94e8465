"""A letter about a record that has no number yet: its address comes when the record is written."""

from matchmaker.core import clock
from matchmaker.core.db import db, transaction
from matchmaker.notifications import services
from matchmaker.notifications.models import Message
from matchmaker.notifications.rules import LINK_TO_COME, Channel, MessageState
from tests.cast import a_user


def test_the_address_comes_into_the_text_and_escaped_into_the_page(app):
    subject, now = a_user(), clock.now()
    letter = Message(
        channel=Channel.MAIL,
        address="a@example.cn",
        subject="通知",
        text=f"请看 https://example.cn{LINK_TO_COME}\n",
        html=f'<a href="{LINK_TO_COME}">查看</a>',
        state=MessageState.WAITING,
        due=now,
        created=now,
    )

    with transaction():
        row_id = services.post(letter, about=subject, url="/language/en?next=/a&b=1").id

    row = db.session.get_one(Message, row_id)
    assert (row.about_id, row.url) == (subject.id, "/language/en?next=/a&b=1")
    assert row.text == "请看 https://example.cn/language/en?next=/a&b=1\n"
    assert row.html == '<a href="/language/en?next=/a&amp;b=1">查看</a>'

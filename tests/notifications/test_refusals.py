"""What a mail server refuses, now or later by a report: the log says so, and dead addresses get nothing more."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage, Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from threading import Thread

import pytest
import sqlalchemy as sa

from matchmaker.activity.models import Activity
from matchmaker.cli import cli
from matchmaker.core import clock
from matchmaker.core.db import db
from matchmaker.core.errors import DomainError
from matchmaker.notifications import queries, rules, services
from matchmaker.notifications.models import Message as NotifiedMessage
from matchmaker.notifications.models import Suppression
from matchmaker.notifications.rules import Bounce, Channel, MessageState, Source
from tests.factories.notifications import a_message, a_suppression, the_message
from tests.notifications import mailserver

GUEST = "guest@example.cn"


@pytest.fixture
def server(app):
    """Mail goes by real SMTP to a server in this process."""
    mailman = app.extensions["mailman"]
    before = (mailman.backend, mailman.server, mailman.port)
    with mailserver.running() as running:
        mailman.backend, mailman.server, mailman.port = "smtp", "127.0.0.1", running.server_address[1]
        yield running
        mailman.backend, mailman.server, mailman.port = before


def a_report(mail_id, status="5.1.1", action="failed", *, whole=True, said="smtp; 550 5.1.1 no such user"):
    """A delivery status notification as mail servers write them."""
    report = MIMEMultipart("report", report_type="delivery-status")
    report["Subject"], report["From"] = "Undelivered Mail Returned to Sender", "MAILER-DAEMON@mx.example.cn"
    report.attach(MIMEText("很抱歉，邮件无法投递。", "plain", "utf-8"))
    outcome = MIMEBase("message", "delivery-status")
    about_all, about_one = Message(), Message()
    about_all["Reporting-MTA"] = "dns; mx.example.cn"
    about_one["Final-Recipient"], about_one["Action"], about_one["Status"] = f"rfc822; {GUEST}", action, status
    about_one["Diagnostic-Code"] = said
    outcome.set_payload([about_all, about_one])
    report.attach(outcome)
    original = EmailMessage()
    original["Message-ID"], original["To"] = mail_id, GUEST
    if whole:
        returned = MIMEBase("message", "rfc822")
        returned.set_payload([original])
    else:
        returned = MIMEText(original.as_string(), "rfc822-headers")
    report.attach(returned)
    return report.as_bytes()


def standing():
    return db.session.execute(sa.select(Suppression).where(Suppression.lifted.is_(None))).scalars().all()


def test_a_mail_travels_with_its_id_and_the_name_of_its_person(server):
    message_id = a_message(to_name="阿依古丽")

    services.deliver()

    [(recipients, source)] = server.mails
    row = the_message(message_id)
    assert recipients == [GUEST]
    assert f"Message-ID: {row.mail_id}" in source
    assert row.state is MessageState.SENT


@pytest.mark.parametrize(
    ("answer", "stopped", "bounce"),
    [
        ("550 5.1.1 no such user", True, Bounce.HARD),
        ("550 unknown", True, Bounce.HARD),
        ("552 5.2.2 mailbox full", False, Bounce.SOFT),
        ("550 5.7.1 relaying denied", False, Bounce.POLICY),
    ],
)
def test_a_refused_recipient_is_given_up_and_stopped_when_it_does_not_exist(server, answer, stopped, bounce):
    server.answers[GUEST] = answer
    message_id = a_message()

    services.deliver()

    row = the_message(message_id)
    assert (row.state, row.bounce, row.attempts) == (MessageState.FAILED, bounce, 1)
    assert answer[4:] in row.error
    assert bool(standing()) is stopped


def test_a_stopped_address_gets_nothing_and_the_log_says_why(server):
    server.answers[GUEST] = "550 5.1.1 no such user"
    a_message()
    services.deliver()
    server.answers.clear()
    later = a_message(email=GUEST.upper())

    services.deliver()

    row = the_message(later)
    assert server.mails == []
    assert (row.state, row.attempts) == (MessageState.SUPPRESSED, 0)
    assert "no such user" in row.error
    assert db.session.execute(sa.select(Activity.kind)).scalars().all() == ["notifications.suppressed"]


def give_up(server, now, day):
    """One message that is refused for the moment until nobody tries any more."""
    server.answers[GUEST] = "451 4.2.1 try later"
    with clock.frozen(now + timedelta(days=day)):
        message_id = a_message()
    for attempt in range(rules.ATTEMPTS):
        with clock.frozen(now + timedelta(days=day, hours=attempt)):
            services.deliver()
    assert the_message(message_id).state is MessageState.FAILED


def test_three_soft_ones_in_thirty_days_stop_an_address(server, now):
    for day in (0, 10, 20):
        assert standing() == []
        give_up(server, now, day)

    [row] = standing()
    assert (row.address, row.source) == (GUEST, Source.REPEATED)


def test_three_soft_ones_over_a_longer_time_do_not(server, now):
    for day in (0, 20, 40):
        give_up(server, now, day)

    assert standing() == []


def test_a_mail_server_that_is_down_stops_nobody(app, server, now):
    app.extensions["mailman"].port = 1
    for day in (0, 1, 2):
        with clock.frozen(now + timedelta(days=day)):
            a_message()
        for attempt in range(rules.ATTEMPTS):
            with clock.frozen(now + timedelta(days=day, hours=attempt)):
                services.deliver()

    assert standing() == []
    assert queries.soft_bounces(Channel.MAIL, GUEST, since=now) == 0


def test_content_that_is_refused_is_not_tried_again(server):
    server.after_data = "550 5.7.1 looks like spam"
    message_id = a_message()

    services.deliver()

    row = the_message(message_id)
    assert (row.state, row.bounce) == (MessageState.FAILED, Bounce.POLICY)
    assert standing() == []


@pytest.mark.parametrize("whole", [True, False])
def test_a_report_finds_its_message_and_stops_the_address(app, tmp_path, whole):
    message_id = a_message()
    services.deliver()
    file = tmp_path / "report.eml"
    file.write_bytes(a_report(the_message(message_id).mail_id, whole=whole))

    answer = app.test_cli_runner().invoke(cli, ["notifications", "bounce", str(file)], obj=script(app))

    row = the_message(message_id)
    assert (answer.exit_code, row.state, row.bounce) == (0, MessageState.BOUNCED, Bounce.HARD), answer.output
    assert row.bounced is not None
    assert "no such user" in row.error
    assert [s.source for s in standing()] == [Source.REPORT]


def script(app):
    from flask.cli import ScriptInfo

    return ScriptInfo(create_app=lambda: app)


@pytest.mark.parametrize("raw", [b"", b"Subject: hello\n\nno report", b"\xff\xfe\x00"])
def test_what_is_no_report_is_refused_with_a_sentence(app, raw):
    answer = app.test_cli_runner().invoke(cli, ["notifications", "bounce", "-"], input=raw, obj=script(app))

    assert answer.exit_code == 1
    assert "RFC 3464" in answer.output


def test_a_report_of_a_mail_nobody_sent_stops_nobody(app):
    a_message()
    services.deliver()

    with pytest.raises(DomainError):
        take(a_report("<guessed@example.cn>"))

    assert standing() == []


def take(raw):
    from matchmaker.core.db import transaction

    with transaction():
        return services.take_report(rules.read_report(raw))


def test_a_report_taken_twice_counts_once(app):
    message_id = a_message()
    services.deliver()
    raw = a_report(the_message(message_id).mail_id, status="4.4.7", said="smtp; 452 4.2.2 full")

    take(raw)
    take(raw)

    assert queries.soft_bounces(Channel.MAIL, GUEST, since=clock.now() - timedelta(days=1)) == 1
    assert the_message(message_id).state is MessageState.BOUNCED


def test_a_delay_is_noted_and_changes_nothing_else(app):
    message_id = a_message()
    services.deliver()

    take(a_report(the_message(message_id).mail_id, status="4.4.1", action="delayed", said="smtp; connection timed out"))

    row = the_message(message_id)
    assert (row.state, row.bounce) == (MessageState.SENT, None)
    assert "timed out" in row.error


def test_a_forgotten_person_leaves_no_stopped_address(app):
    from matchmaker.core.db import transaction
    from tests.cast import a_user

    user = a_user(email="gone@example.cn")
    a_suppression()
    with transaction():
        services.forget(user)

    assert standing() == []


def test_many_senders_stop_an_address_once(app, server):
    server.answers[GUEST] = "550 5.1.1 no such user"
    for _ in range(12):
        a_message()

    def work():
        with app.app_context():
            services.deliver()
            db.session.remove()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert len(standing()) == 1
    states = {row.state for row in db.session.query(NotifiedMessage)}
    assert states <= {MessageState.FAILED, MessageState.SUPPRESSED}

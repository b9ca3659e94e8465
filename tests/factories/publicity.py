"""Notices, objections, decisions and certificates, made the way everybody makes them."""

from __future__ import annotations

from typing import Any

from matchmaker.core.db import transaction
from matchmaker.core.paths import resource_dir
from matchmaker.core.viewer import Nobody
from matchmaker.publicity.models import Certificate, Decision, Notice, Objection
from matchmaker.publicity.rules import ObjectionState, Signature
from matchmaker.publicity.services import calendars, certificates, decisions, notices, objections
from tests.factories.files import an_upload

ITEM = {"name": "测试科技有限公司", "uscc": "", "detail": "一等奖"}


def announced_years() -> None:
    """The working days of all announced years."""
    import csv

    with (resource_dir("seeds") / "reference" / "workdays.csv").open(encoding="utf-8") as file, transaction():
        calendars.load_workdays(csv.DictReader(file))


def a_draft(*, owner: Any, **values: Any) -> Notice:
    """A notice not yet published."""
    given = {
        "region": "650105",
        "title": "关于拟获奖名单的公示",
        "body": "经评审，现将拟获奖名单予以公示。",
        "items": [ITEM],
        "working_days": 5,
        "contact_name": "科技管理科",
        "contact_phone": "0991-0000001",
        **values,
    }
    with transaction():
        return notices.draft(actor=owner, **given)


def a_notice(*, owner: Any, starts: Any = None, **values: Any) -> Notice:
    """A notice that runs from today for five working days."""
    notice = a_draft(owner=owner, **values)
    with transaction():
        notices.publish(notice, actor=owner, starts=starts)
    return notice


def an_objection(notice: Notice, *, actor: Any = None, **values: Any) -> Objection:
    """A signed objection with its page."""
    given = {
        "text": "成立日期与登记不符",
        "signature": Signature.REAL_NAME,
        "signer": "异议甲",
        "phone": "13900000001",
        "signed_page": an_upload(),
        **values,
    }
    with transaction():
        return objections.file_objection(notice, actor=actor or Nobody(), **given)


def decided(row: Objection, *, handler: Any, approver: Any, outcome: ObjectionState = ObjectionState.DISMISSED) -> None:
    """Carry an objection through to its outcome."""
    with transaction():
        objections.accept(row, actor=handler)
    with transaction():
        objections.propose_outcome(row, actor=handler, outcome=outcome, answer="经核实，登记无误")
    with transaction():
        objections.confirm_outcome(row, actor=approver)


def a_decision(subject: Any, *, proposer: Any, kind: str = "tests.step") -> Decision:
    """A proposed decision about a record."""
    with transaction():
        return decisions.propose(
            kind, subject=subject, actor=proposer, title="确认名单", reason="材料齐全", url="/notices/"
        )


def a_certificate(subject: Any, *, proposer: Any, approver: Any, **values: Any) -> Certificate:
    """A certificate on a confirmed decision."""
    decision = a_decision(subject, proposer=proposer, kind="tests.certificate")
    given = {"title": "荣誉证书", "holder": "王小明", "text": "在大赛中表现优异", "personal": True, **values}
    with transaction():
        decisions.confirm(decision, actor=approver)
        return certificates.issue("DS", subject=subject, decision=decision, actor=approver, **given)

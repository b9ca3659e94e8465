"""What stands on the papers of publicity: the data of notices and certificates. Never an objector's name."""

from __future__ import annotations

from typing import Any

from matchmaker.core.documents import chinese_day, qr_svg
from matchmaker.publicity.models import Certificate, Notice

COLUMNS = (
    {"title": "序号", "align": "center", "weight": 3},
    {"title": "名称", "weight": 10},
    {"title": "统一社会信用代码", "weight": 10},
    {"title": "说明", "weight": 7},
)


def notice_paper(notice: Notice, *, issuer: str) -> dict[str, Any]:
    """A notice for notice.typ and .docx; official papers are in Chinese."""
    period = "公示期自发布之日起计算"
    if notice.starts and notice.ends:
        first, last = chinese_day(notice.starts), chinese_day(notice.ends)
        period = f"公示时间：{first}至{last}（{notice.working_days}个工作日）。"
    rows = [
        [str(at), row["name"], row.get("uscc", ""), row.get("detail", "")] for at, row in enumerate(notice.items, 1)
    ]
    contacts = [
        {"label": "受理人", "value": notice.contact_name},
        {"label": "电话", "value": notice.contact_phone},
        {"label": "邮箱", "value": notice.contact_email},
    ]
    rule = (
        "公示期内，任何单位和个人如有异议，请以书面形式实名提出，写明事实和依据，"
        "个人签署真实姓名，单位加盖公章，并留下联系方式；匿名异议不予受理，异议人信息依法保密。"
    )
    return {
        "number": notice.number or "",
        "title": notice.title,
        "paragraphs": [*(line.strip() for line in notice.body.splitlines() if line.strip()), period, rule],
        "table": {"caption": "公示名单", "columns": list(COLUMNS), "rows": rows},
        "contacts": [contact for contact in contacts if contact["value"]],
        "issuer": issuer,
        "date": chinese_day(notice.starts) if notice.starts else "",
    }


def certificate_paper(certificate: Certificate, *, issuer: str, check_url: str) -> dict[str, Any]:
    """A certificate for certificate.typ; the QR code leads to the check page with the code of this paper."""
    return {
        "title": certificate.title,
        "subtitle": certificate.subtitle,
        "number": f"{certificate.number}　查验码：{certificate.code}",
        "holder": certificate.holder,
        "text": certificate.text,
        "award": certificate.award,
        "issuer": issuer,
        "date": chinese_day(certificate.issued_on),
        "check_url": check_url,
        "qr": qr_svg(f"{check_url}?code={certificate.code}"),
    }

"""The agreement of three parties on paper, from what is stored; papers for signing are in Chinese."""

from __future__ import annotations

from typing import Any

from matchmaker.candidacies.models import Agreement
from matchmaker.core.documents import chinese_day
from matchmaker.rosters.rules.documents import RosterRules

SENDING, ENVOY, HOST = "派出单位", "科技特派员", "服务企业"


def agreement_paper(row: Agreement, *, known: RosterRules, bureau: str) -> dict[str, Any]:
    """An agreement for agreement.typ and .docx. No telephone number: every party may read the paper."""
    return {
        "title": "科技特派员服务三方协议",
        "number": row.number,
        "parties": _parties(row),
        "opening": f"为做好科技特派员服务企业工作，在{bureau}的指导下，三方协商一致，订立本协议。",
        "articles": _articles(row, known),
        "closing": f"本协议一式四份，三方和{bureau}各执一份，三方签字盖章之日起生效。未尽事宜由三方协商补充。",
        "signatures": [
            {"role": SENDING, "mark": "（盖章）"},
            {"role": ENVOY, "mark": "（本人签名）"},
            {"role": HOST, "mark": "（盖章）"},
            {"role": bureau, "mark": "（备案，盖章）"},
        ],
    }


def _parties(row: Agreement) -> list[dict[str, Any]]:
    unit, person, host = row.sending_unit, row.person, row.host
    own_unit = person.organisation.name if person.organisation else person.unit_text or ""
    return [
        {
            "role": SENDING,
            "name": unit.name if unit else "无（本人直接签约）",
            "facts": [_fact("统一社会信用代码", unit.uscc), _fact("联系人和电话", "")] if unit else [],
        },
        {
            "role": ENVOY,
            "name": person.name,
            "facts": [_fact("单位和职务职称", " ".join(filter(None, (own_unit, person.title)))), _fact("电话", "")],
        },
        {
            "role": HOST,
            "name": host.name,
            "facts": [
                _fact("统一社会信用代码", host.uscc),
                _fact("法定代表人", host.legal_representative),
                _fact("地址", host.working_address or host.registered_address),
                _fact("联系人和电话", ""),
            ],
        },
    ]


def _fact(label: str, value: str | None) -> dict[str, str]:
    return {"label": label, "value": value or ""}


def _articles(row: Agreement, known: RosterRules) -> list[dict[str, str]]:
    first, last = chinese_day(row.starts), chinese_day(row.ended or row.ends)
    return [
        {"heading": "一、服务期限", "text": f"自{first}至{last}。"},
        {"heading": "二、服务目标和内容", "text": row.goals},
        {
            "heading": "三、服务次数和记录",
            "text": f"协议期内到企业服务不少于{known.visits_in_term}次，每次不少于{known.visit_hours}小时"
            f"（{known.doc_no}）。每次服务由科技特派员登记并上传现场照片，由服务企业确认和评分；"
            "与科技特派员有亲属关系的人员不得确认。",
        },
        {
            "heading": "四、三方责任",
            "text": "派出单位支持科技特派员开展服务，保证必要的服务时间。\n"
            "科技特派员按约定开展服务，如实登记，不借服务之便谋取不当利益。\n"
            "服务企业提供必要的工作条件，如实确认服务情况。",
        },
        {
            "heading": "五、保密和成果",
            "text": "各方对服务中知悉的商业秘密和技术秘密负有保密义务，协议终止后继续有效。"
            "服务中产生的知识产权归属由有关各方另行书面约定。",
        },
        {
            "heading": "六、变更和终止",
            "text": "三方协商一致可以变更或提前终止本协议。科技特派员聘任结束的，本协议随之终止。",
        },
    ]

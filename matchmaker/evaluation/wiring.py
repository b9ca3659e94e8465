"""What evaluation plugs into the application."""

from __future__ import annotations

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import Feature, Importer, Link, Panel
from matchmaker.evaluation import importers, lists, views

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "evaluation.recorded": "登记资质",
    "evaluation.corrected": "更正资质",
    "evaluation.ended": "终止资质",
}

FEATURE = Feature(
    name="evaluation",
    title="资质台账",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    links=(Link("资质台账", "evaluation.index", Permission.TARGETS_READ, icon="badge-check", group="指标", order=41),),
    panels=(Panel("organisation", "资质与专利", "evaluation.of_organisation", Permission.TARGETS_READ, order=30),),
    lists=(lists.TITLES,),
    importers=(
        Importer(
            "titles",
            "资质与专利",
            Permission.TARGETS_MANAGE,
            importers.FIELDS,
            importers.load,
            hint="科技型中小企业编号、高企证书、创新团队、授权专利，一行一项；同类同编号的更新原记录",
        ),
    ),
)

"""What the directory plugs into the application."""

from __future__ import annotations

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import DeskSource, Feature, Importer, Link, SearchSource
from matchmaker.directory import desk, lists, views
from matchmaker.directory.importers import organisations, researchers

# What this feature writes into the activity log, in words.
ACTIVITIES = {
    "directory.entered": "登记主体",
    "directory.imported": "由文件导入主体",
    "directory.updated": "由文件更新单位",
    "directory.person_updated": "由文件更新人员",
    "directory.edited": "修改单位资料",
    "directory.renamed": "单位更名",
    "directory.moved": "变更单位状态",
    "directory.confirm_undone": "撤销单位核验",
    "directory.merged": "合并到保留的记录",
    "directory.merged_away": "记录已被合并",
    "directory.held_resolved": "处理待核对行",
}

FEATURE = Feature(
    name="directory",
    title="主体库",
    activities=ACTIVITIES,
    blueprints=(views.bp,),
    links=(
        Link("单位", "directory.index", Permission.DIRECTORY_READ, icon="building-2", group="主体库", order=30),
        Link("人员", "directory.people", Permission.DIRECTORY_READ, icon="users", group="主体库", order=31),
        Link("待核记录", "directory.held", Permission.DIRECTORY_EDIT, icon="list-checks", group="主体库", order=32),
        Link("单位资料", "directory.own", Permission.ORGANISATION_OWN, icon="building-2", group="我的", order=50),
    ),
    lists=(lists.ORGANISATIONS, lists.PEOPLE, lists.HELD),
    desk=(DeskSource("directory.waiting", frozenset({"handler"}), desk.waiting_for_handler, order=15),),
    search=(
        SearchSource("单位", desk.find_organisations, order=10),
        SearchSource("人员", desk.find_people, order=30),
    ),
    importers=(
        Importer("organisations", "单位", Permission.DIRECTORY_IMPORT, organisations.FIELDS, organisations.load),
        Importer(
            "researchers",
            "研究人员",
            Permission.DIRECTORY_IMPORT,
            researchers.fields,
            researchers.load,
            researchers.OPTIONS,
        ),
    ),
)

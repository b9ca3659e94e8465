"""What the directory plugs into the application."""

from __future__ import annotations

from matchmaker.accounts.rules import Permission
from matchmaker.core.feature import DeskSource, Feature, Importer, Link, SearchSource
from matchmaker.directory import desk, lists, views
from matchmaker.directory.importers import organisations, researchers

FEATURE = Feature(
    name="directory",
    title="主体库",
    blueprints=(views.bp,),
    links=(
        Link("单位", "directory.index", Permission.DIRECTORY_READ, icon="building-2", group="主体库", order=30),
        Link("人员", "directory.people", Permission.DIRECTORY_READ, icon="users", group="主体库", order=31),
        Link("待核记录", "directory.held", Permission.DIRECTORY_EDIT, icon="list-checks", group="主体库", order=32),
        Link("单位资料", "directory.own", Permission.ORGANISATION_OWN, icon="building-2", group="参与", order=5),
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

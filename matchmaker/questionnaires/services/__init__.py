"""What organisers do with questionnaires, and what happens to the answers. Other features call these names."""

from matchmaker.questionnaires.services.answers import (
    change_one,
    check,
    erase_field,
    fields_with_personal_data,
    forget,
    remove,
    save_draft,
    store,
    update,
)
from matchmaker.questionnaires.services.building import copy, create, discard, edit, publish, redraft, rename
from matchmaker.questionnaires.services.uploads import clear_staged, stage

__all__ = [
    "change_one",
    "check",
    "clear_staged",
    "copy",
    "create",
    "discard",
    "edit",
    "erase_field",
    "fields_with_personal_data",
    "forget",
    "publish",
    "redraft",
    "remove",
    "rename",
    "save_draft",
    "stage",
    "store",
    "update",
]

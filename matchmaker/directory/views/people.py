"""People of the directory."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from matchmaker.accounts.rules import Permission
from matchmaker.core.db import db
from matchmaker.core.web import one_or_404, page, requires, signed_in
from matchmaker.directory import lists, queries, taxonomy
from matchmaker.directory.models import Person
from matchmaker.directory.views import bp
from matchmaker.directory.views.panels import panels_on
from matchmaker.lists.pages import list_page


@bp.get("/people/")
@requires(Permission.DIRECTORY_READ)
def people() -> Any:
    """The people of one's regions."""
    return list_page(lists.PEOPLE, "directory/people.html")


@bp.get("/people/<int:person_id>")
@signed_in
def person(person_id: int) -> Any:
    """One person with what they wrote."""
    row = one_or_404(queries.people_visible_to(current_user).where(Person.id == person_id))
    documents = db.session.execute(queries.documents_of(person_id)).scalars().all()
    return page(
        "directory/person.html",
        person=row,
        documents=documents,
        high_tech_fields=taxonomy.names("high_tech_fields"),
        panels=panels_on("person", person_id),
        key_industries=taxonomy.names("key_industries"),
    )

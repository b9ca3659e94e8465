"""The published description against what the platform answers: every operation, with generated input."""

from __future__ import annotations

import contextvars

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks

from matchmaker.accounts.rules import Permission, Role
from matchmaker.core.db import db
from tests.cast import a_token, a_user
from tests.factories.events import a_registration, an_event

CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = 12


@pytest.fixture
def described(app):
    organiser = a_user(Role.ORGANISER)
    event = an_event(owner=organiser, needs_approval=True)
    row = a_registration(event, actor=a_user(Role.INDIVIDUAL))
    ids = {"event_id": event.id, "registration_id": row.id, "action": "approve"}
    secret = a_token(organiser, Permission.EVENTS_READ, Permission.EVENTS_MANAGE)

    def served(environ, start_response):  # each request in a context of its own, as in a server
        return contextvars.Context().run(app, environ, start_response)

    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", served)
    return schema.include(path_regex="^/api/v1/(events|registrations|bulk-runs)"), secret, ids


def test_every_operation_answers_as_described(described):
    schema, secret, ids = described
    seen, statuses = [], set()
    for result in schema.get_all_operations():
        operation = result.ok()
        seen.append(f"{operation.method.upper()} {operation.path}")

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            derandomize=True,
        )
        @given(case=operation.as_strategy(), known=st.booleans())
        def call(case, known):
            db.session.rollback()
            if known:  # the records that exist, every second time
                case.path_parameters.update({k: v for k, v in ids.items() if k in case.path_parameters})
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {secret}"}
            response = case.call()
            statuses.add(response.status_code)
            case.validate_response(response, checks=CHECKS)

        call()

    assert len(seen) >= 14, seen
    assert {200, 404, 409, 422} <= statuses

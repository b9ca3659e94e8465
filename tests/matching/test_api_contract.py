"""The published description of matching against what the platform answers: every operation, with generated input."""

from __future__ import annotations

import contextvars

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks

from matchmaker.accounts.rules import Permission, Role
from matchmaker.core.db import db, transaction
from matchmaker.matching.services import outcomes, requests
from tests.cast import a_token, a_user
from tests.factories.directory import an_organisation
from tests.factories.matching import EXPERTISE, a_need, a_request
from tests.factories.rosters import a_helper

CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = 8


@pytest.fixture
def described(app, now):
    owner, user = a_user(organisation=an_organisation()), a_user(Role.MENTOR)
    helper = a_helper(user=user, expertise=EXPERTISE)
    request = a_request(a_need(actor=owner), helper, actor=owner)
    with transaction():
        requests.accept(request, actor=user)
    with transaction():
        session = outcomes.record_service(
            request, actor=owner, served=now.date(), minutes=60, place="线上", content="谈了一次"
        )
    ids = {"need_id": request.need_id, "request_id": request.id, "session_id": session.id, "proposal_id": 1}
    secrets = {"owner": a_token(owner, Permission.NEEDS_OWN), "helper": a_token(user, Permission.REQUESTS_ANSWER)}

    def served(environ, start_response):  # each request in a context of its own, as in a server
        return contextvars.Context().run(app, environ, start_response)

    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", served)
    return schema.include(path_regex="^/api/v1/(needs|requests)"), secrets, ids


@pytest.mark.timeout(300)
def test_every_operation_answers_as_described(described):
    schema, secrets, ids = described
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
        @given(case=operation.as_strategy(), known=st.booleans(), side=st.sampled_from(["owner", "helper"]))
        def call(case, known, side):
            db.session.rollback()
            if known:  # the records that exist, every second time
                case.path_parameters.update({k: v for k, v in ids.items() if k in case.path_parameters})
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {secrets[side]}"}
            response = case.call()
            statuses.add(response.status_code)
            case.validate_response(response, checks=CHECKS)

        call()

    assert len(seen) >= 26, seen
    assert {200, 403, 404, 409, 422} <= statuses

"""Browsers and forms that the tests of publicity share."""

from __future__ import annotations

import io
from typing import Any

from tests.cast import sign_in
from tests.factories.files import PDF


def browser(app: Any, user: Any = None) -> Any:
    """A browser of somebody, or of nobody."""
    client = app.test_client()
    return sign_in(client, user) if user else client


def post(client: Any, path: str, data: Any = None) -> Any:
    """Post and go where the answer leads."""
    response = client.post(path, data=data)
    return client.get(response.location) if response.status_code == 303 else response


def objection_form(**values: Any) -> dict[str, Any]:
    """A filled objection; None leaves a field out."""
    typed = {
        "item": "",
        "text": "成立日期有误",
        "signature": "real_name",
        "signer": "异议甲",
        "phone": "13900000001",
        "email": "",
        "signed_page": (io.BytesIO(PDF), "异议书.pdf"),
    }
    return {k: v for k, v in (typed | values).items() if v is not None}

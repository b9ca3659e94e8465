"""What accounts plug into the application."""

from __future__ import annotations

from matchmaker.accounts import signing, views
from matchmaker.core.feature import Feature

FEATURE = Feature(name="accounts", title="账号", blueprints=(views.bp,), setup=signing.init)

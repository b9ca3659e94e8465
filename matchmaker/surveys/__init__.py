"""满意度调查: surveys after an event, named or anonymous, beside attendance."""

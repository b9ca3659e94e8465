"""推送: webhooks: what happens here is told to other systems, signed and retried.

A line of the activity log queues a delivery in its own transaction (`services.after_record`); a job claims and sends
it (`sending.deliver`). Only ids travel; the receiver fetches the rest by the API. For developers: docs/webhooks.md.
"""

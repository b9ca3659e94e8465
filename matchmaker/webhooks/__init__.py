"""推送: webhooks: what happens here is told to other systems, signed and retried."""

"""通知: mail, SMS and in-site messages; written into an outbox with the change that causes them, sent by a job."""

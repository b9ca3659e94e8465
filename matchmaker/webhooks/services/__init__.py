"""What is done with webhooks: set up (`hooks`), queued (`queueing`), sent (`sending`)."""

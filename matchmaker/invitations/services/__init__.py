"""What organisers do with invitations, and what guests answer."""

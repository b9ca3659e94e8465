"""What staff, objectors and other features do with notices, decisions and certificates."""

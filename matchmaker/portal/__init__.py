"""门户: home, search, role desks: pages that belong to no feature."""

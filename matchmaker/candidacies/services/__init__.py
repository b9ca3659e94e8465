"""Use cases of candidacies: applying, choosing each other, publicity, agreements, appointing by two people."""

"""Use cases of envoys' service: visits, confirmations, links, results, relations, the yearly score."""

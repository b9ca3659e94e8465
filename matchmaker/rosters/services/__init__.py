"""Use cases of the rosters: appointments, helpers' own words and places, records of service."""

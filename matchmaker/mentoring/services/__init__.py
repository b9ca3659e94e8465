"""Use cases of mentoring: offering time, booking, confirming, rating; carriers and their mentors; yearly reviews."""

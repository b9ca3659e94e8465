"""The law of questionnaires: what a form is, who is asked what, what an answer may be. Plain values, no database."""

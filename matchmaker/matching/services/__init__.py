"""Use cases of matching: needs, suggestions, questions and answers, links, and the stamps that keep the index fresh."""

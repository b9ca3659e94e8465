"""Forms of questionnaires: the one people fill in, made from a version, and those of the builder."""

from matchmaker.questionnaires.forms.answering import AnswersForm, form_for

__all__ = ["AnswersForm", "form_for"]

"""表单与问卷: forms that organisers write themselves: sections, typed fields, conditions, versions; and the answers.

Nouns: Questionnaire (a form of some feature's record) with a draft that its organiser changes and versions that
people fill in; AnswerSheet (what was answered, by field id, for a record of the feature that asked); StagedUpload.

A feature that asks declares in its `wiring.py` who edits its forms (`questionnaire_access`), who sees the answers
(`answer_access`), where a form belongs (`questionnaire_home`) and, if options may be limited, who counts their places
(`option_places`, `places_left`). Its view then goes:

    form = form_for(version, sheet=sheet, left=queries.left(questionnaire, version.content))   # base= adds own fields
    if form.is_submitted() and form.uploads:
        with transaction():
            form.staged(services.stage(version, form.uploads, actor=current_user))
    if form.validate_on_submit():
        with errors_on(form):
            with transaction():
                answers = services.check(version, form.raw, sheet=sheet)
                services.store(version, answers, subject=record, actor=current_user)       # or update(sheet, answers)

and its template shows `answer_fields(form)` and `answers_shown(sheet)` of `questionnaires/_fields.html`.
Answers hide with their conditions on the server; an old answer renders by its own version for ever.
"""

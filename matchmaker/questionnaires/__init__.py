"""表单与问卷: forms that organisers write themselves: sections, typed fields, conditions, versions; and the answers."""

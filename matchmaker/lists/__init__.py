"""列表: saved views, export of what is shown, bulk actions with preview and undo, for every list of every feature.

The list itself is described with `core.lists.ListSpec` and declared in a feature's wiring; the generic addresses here
find it by name and ask it for the rows that this person may see, so no list gets a second copy of the mechanism.
"""

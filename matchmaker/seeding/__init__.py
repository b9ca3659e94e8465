"""数据装载: fills an empty database with what the platform needs, and the demo with a working bureau.

Nouns: *reference data* (published lists, the plan with its indicators and measures) is loaded by natural key and may
be loaded again at every deploy; *demo data* goes through the services like any client, under a clock set back to
the day on which each thing happened, so that loading it is also a test of them. A *DemoRecord* remembers which row
of a demo file became which record: a second run loads nothing.

Users: operators, through `matchmaker seed reference|demo` and `matchmaker demo`.
"""

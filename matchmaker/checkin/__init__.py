"""签到: who came through which gate, also without a network.

A `CheckinList` says who may enter where and when, a `Gate` is a place with one or more lists, a `GateCode` opens one
gate without an account. Every scan, accepted or not, is a `Scan`; its nonce lets a queue be sent again.
The verdict is one pure function (`rules.verdicts`), written a second time in `static/js/features/checkin_rules.js` for
the gate page; a test holds both side by side. What two gates could not know of each other is a `ScanConflict`.
"""

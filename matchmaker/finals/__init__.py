"""现场决赛: a live stage of a contest, from the drawn order to the signed score sheet.

One `Final` is one stage whose mode is live. The order is drawn by commit and reveal: the fingerprint of a secret is
public before the entrants sign in with a word of their own, the secret afterwards, and anybody can repeat the draw.
The host calls entry after entry; the stage screen (no sign-in, an address that cannot be guessed) counts the time.
A score appears only when every ballot of the entry is in and the host releases it, or by itself where that was
announced.
"""

"""账号: people who sign in, what they may do, and the proof of who did.

Nouns: User, RoleGrant (a role, for staff within a region), Membership (a person in an organisation), UserSession
(one signed-in device; signing out kills it), ApiToken (a program acting for a user within scopes), SignInAttempt.
Permissions are granted to roles in one matrix, `rules.GRANTS`; a person holds the union of their roles' permissions.
The "hat" a person wears (role and organisation) decides the desk and on whose behalf forms are filed, never what is
allowed.
"""

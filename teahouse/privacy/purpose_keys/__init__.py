"""What is derived under a consent is sealed under a key of that consent, and gone with it.

A domain declares a column `derived(..., under=purpose.name)` in a table with a `user_id`, seals
what it derives by `PurposeKeys.seal`, and opens it by `PurposeKeys.open`. The rest is done here:
when the consent is taken back the key is destroyed and the rows go, in that moment and in all
backups, because no copy of the keys ever holds the keys of consents.
"""

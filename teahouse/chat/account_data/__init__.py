"""Account data: what a member's clients keep for one another, overall and for each room.

What others use: `commands.store_account_data` for what the server itself keeps there, the queries
that `/sync` reads, and the announcement `AccountDataChanged`.
"""

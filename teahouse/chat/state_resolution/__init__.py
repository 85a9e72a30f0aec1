"""Which state holds where the history of a room has forked and come together again.

Not used yet: this server alone appends to its rooms, so that their history is a line
(docs/decisions/0002). Federation will need it.
"""

from teahouse.chat.state_resolution.rules import StateMap, resolve

__all__ = ["StateMap", "resolve"]

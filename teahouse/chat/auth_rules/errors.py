"""The one way in which an event can be refused by the rules of its room."""


class NotAllowed(Exception):
    """The authorization rules of the room do not allow the event.

    Attributes:
        reason: which rule stands against it, in a sentence for the one who sent it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

"""What can be wrong with the form of an event.

Exception
├── NotCanonical     a value that canonical JSON cannot carry
└── EventTooLarge    an event or one of its names is over the size limit
"""


class NotCanonical(Exception):
    """A value cannot be written as canonical JSON: a float, a huge integer, half a character.

    Attributes:
        reason: what is wrong, in a sentence for the one who sent it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class EventTooLarge(Exception):
    """An event, or one of its names, has more bytes than Matrix allows.

    Attributes:
        what: the part that is too large, such as `event` or `state_key`.
        bytes_count: how many bytes it has.
        bytes_limit: how many it may have.
        reason: the same in a sentence for the one who sent it.
    """

    def __init__(self, what: str, *, bytes_count: int, bytes_limit: int) -> None:
        self.what = what
        self.bytes_count = bytes_count
        self.bytes_limit = bytes_limit
        self.reason = f"The {what} has {bytes_count} bytes; at most {bytes_limit} are allowed."
        super().__init__(self.reason)

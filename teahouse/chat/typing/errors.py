"""What is refused about typing.

Forbidden
    NotYourTyping           403 M_FORBIDDEN
"""

from __future__ import annotations

from teahouse.platform.errors import Forbidden


class NotYourTyping(Forbidden):
    """Someone else's typing."""

    code = "not-your-typing"
    message = "You can say only of yourself that you are typing."

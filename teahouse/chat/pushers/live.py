"""What is remembered of pushers, and the way to their gateways."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from teahouse.chat.event_store.announcements import EventsAppended
from teahouse.chat.pushers.announcements import PushersChanged
from teahouse.chat.pushers.commands import ask_to_tell, ask_to_tell_count
from teahouse.chat.pushers.queries import find_rooms_with_pushers, find_told, has_pushers
from teahouse.chat.pushers.rules import check_gateway
from teahouse.chat.pushers.types import RoomNews
from teahouse.chat.receipts.announcements import ReceiptChanged
from teahouse.platform.announcements import CachesOutdated
from teahouse.platform.data_map import declare_egress
from teahouse.platform.json import encode_json
from teahouse.platform.outbound import Outbound, OutboundFailed, OutboundRefused

if TYPE_CHECKING:
    from collections.abc import Collection

    from teahouse.platform.announcements import Announcement
    from teahouse.platform.db import Database, Tx
    from teahouse.platform.json import JsonObject

# A gateway answers with a few pushkeys.
_ANSWER_BYTES_MAX: Final = 65_536
_SERVER_ERROR: Final = 500


declare_egress(
    __name__,
    receiver="the push service that your app named",
    data=("identifier", "activity"),
    purpose="to wake your app when there is something new",
    chosen_by="member",
)


class PusherWatch:
    """Asks for work when there is news for anybody with a pusher; costs nothing while nobody has.

    Args:
        db: where the pushers are.
    """

    def __init__(self, db: Database) -> None:
        self._nobody_has = False
        # Counts what was heard, so that nothing older than the last of it is remembered.
        self._heard = 0
        db.react(EventsAppended, self._react)
        db.react(ReceiptChanged, self._react_to_receipt)
        db.react(PushersChanged, lambda _tx, _changed: self._forget())
        db.listen(self._hear)

    def _react(self, tx: Tx, appended: EventsAppended) -> None:
        if self._nobody_has:
            return
        heard = self._heard
        if not has_pushers(tx):
            self._nobody_has = heard == self._heard
            return
        spans: dict[str, RoomNews] = {}
        for event in appended.events:
            known = spans.get(event.room_id)
            after = event.position - 1 if known is None else known.after
            spans[event.room_id] = RoomNews(event.room_id, after, event.position)
        for room_id in find_rooms_with_pushers(tx, spans):
            ask_to_tell(tx, spans[room_id])

    def _react_to_receipt(self, tx: Tx, changed: ReceiptChanged) -> None:
        if not self._nobody_has and find_told(tx, changed.user_id):
            ask_to_tell_count(tx, changed.user_id)

    def _hear(self, announcements: list[Announcement], _position: int) -> None:
        if any(isinstance(said, PushersChanged | CachesOutdated) for said in announcements):
            self._forget()

    def _forget(self) -> None:
        self._heard += 1
        self._nobody_has = False


class GatewayFailed(Exception):
    """A gateway did not answer, or asks to be tried again."""


class GatewayRefused(Exception):
    """A gateway that will not take it, or that may not be reached."""


class Gateways:
    """Sends notifications to gateways on the open internet, and to those of the operator.

    Args:
        own_hosts: gateways that the operator runs in the own network.
    """

    def __init__(self, own_hosts: Collection[str]) -> None:
        self._outbound = Outbound(own_hosts)

    async def post(self, url: str, body: JsonObject) -> bytes:
        """Send one notification.

        Returns:
            The gateway's answer.

        Raises:
            InvalidGateway: a URL that is not served (any more).
            GatewayRefused: there is no use in trying again.
            GatewayFailed: there may be.
        """
        check_gateway(url, own_hosts=self._outbound.own_hosts)
        try:
            told = await self._outbound.post(
                url,
                encode_json(body),
                headers={"Content-Type": "application/json"},
                answer_bytes_max=_ANSWER_BYTES_MAX,
            )
        except OutboundRefused as refused:
            raise GatewayRefused(str(refused)) from refused
        except OutboundFailed as failed:
            raise GatewayFailed(str(failed)) from failed
        if told.status >= _SERVER_ERROR or told.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise GatewayFailed(str(told.status))
        if told.status != HTTPStatus.OK:
            raise GatewayRefused(str(told.status))
        if told.is_cut:
            raise GatewayRefused("The answer is too long.")
        return told.body

"""A room whose history forks: events that are allowed where they are sent, and states to join."""

from __future__ import annotations

import random
from collections.abc import Mapping

from teahouse.chat.auth_rules import NotAllowed, check_auth, select_auth_slots
from teahouse.chat.events import (
    Event,
    EventDraft,
    JsonObject,
    RoomVersion,
    SigningKey,
    StateSlot,
    build_event,
)

KEY = SigningKey.from_seed(b"t" * 32, key_id="ed25519:1", server_name="tea")
CREATOR, ADA, BEN, EVE = "@creator:tea", "@ada:tea", "@ben:tea", "@eve:tea"

State = Mapping[StateSlot, str]


class Fork:
    """One room, told apart by the states in which its events were sent.

    Args:
        version: of the room.

    Attributes:
        events: all events, by id.
        start: the state after the creator has joined.
    """

    def __init__(self, version: RoomVersion) -> None:
        self.version = version
        self.events: dict[str, Event] = {}
        self.pdus: dict[str, bytes] = {}
        content: JsonObject = {"room_version": version.identifier}
        if version.create_has_creator:
            content["creator"] = CREATOR
        self.room_id: str | None = None if version.room_id_is_create_hash else "!room:tea"
        state = self.send({}, "m.room.create", "", content, sender=CREATOR, at=0)
        self.room_id = next(iter(self.events.values())).room_id
        self.start = self.send(state, "m.room.member", CREATOR, {"membership": "join"}, at=0)

    def send(
        self,
        state: State,
        event_type: str,
        state_key: str,
        content: JsonObject,
        *,
        sender: str | None = None,
        at: int = 1,
    ) -> State:
        """Send a state event in a state.

        Args:
            state: in which it must be allowed.
            event_type: its type.
            state_key: and its key.
            content: what it says.
            sender: the member that the key names, otherwise.
            at: its time.

        Returns:
            The state after it.

        Raises:
            NotAllowed: it is not allowed there.
        """
        who = sender or state_key or CREATOR
        slots = select_auth_slots(event_type, state_key, who, content, self.version)
        draft = EventDraft(
            room_id=self.room_id,
            type=event_type,
            sender=who,
            origin_server_ts=at,
            content=content,
            depth=len(self.events) + 1,
            prev_events=[next(reversed(self.events))] if self.events else [],
            auth_events=[state[slot] for slot in slots if slot in state],
            state_key=state_key,
        )
        event, pdu = build_event(draft, self.version, KEY)
        check_auth(event, {s: self.events[id_] for s, id_ in state.items()}, self.version)
        self.events[event.event_id] = event
        self.pdus[event.event_id] = pdu
        return {**state, event.slot: event.event_id}

    def member(self, state: State, user_id: str, membership: str, **options: object) -> State:
        """Change a membership."""
        content: JsonObject = {"membership": membership}
        return self.send(state, "m.room.member", user_id, content, **options)  # type: ignore[arg-type]

    def levels(self, state: State, users: Mapping[str, int], **options: object) -> State:
        """Set power levels."""
        content: JsonObject = {"users": dict(users), "invite": 0}
        return self.send(state, "m.room.power_levels", "", content, **options)  # type: ignore[arg-type]

    def wander(self, state: State, chance: random.Random, steps: int) -> State:
        """Let the members do whatever they may."""
        for _ in range(steps):
            try:
                state = self._step(state, chance)
            except NotAllowed:
                continue
        return state

    def _step(self, state: State, chance: random.Random) -> State:
        people = [CREATOR, ADA, BEN, EVE]
        who, whom, at = chance.choice(people), chance.choice(people), chance.randint(1, 6)
        match chance.randint(0, 6):
            case 0 | 1:
                return self.member(state, who, chance.choice(["join", "leave", "join"]), at=at)
            case 2:
                step = chance.choice(["invite", "leave", "ban"])
                return self.member(state, whom, step, sender=who, at=at)
            case 3:
                creators = [CREATOR] if self.version.privileged_creators else []
                users = {
                    one: chance.choice([0, 50, 50, 100]) for one in people if one not in creators
                }
                if not creators:
                    users[CREATOR] = 100
                return self.levels(state, users, sender=who, at=at)
            case 4:
                rule: JsonObject = {"join_rule": chance.choice(["public", "invite"])}
                return self.send(state, "m.room.join_rules", "", rule, sender=who, at=at)
            case _:
                kind = chance.choice(["m.room.name", "m.room.topic"])
                return self.send(state, kind, "", {"n": chance.random() > 2, "at": at},
                                 sender=who, at=at)  # fmt: skip

"""Power levels as such."""

from teahouse.chat.auth_rules import CREATOR_LEVEL, PowerLevels


def test_levels_have_the_defaults_of_the_specification() -> None:
    levels = PowerLevels()
    assert levels.of("@anyone:tea") == 0
    assert levels.needed_to_send("m.room.message", is_state=False) == 0
    assert levels.needed_to_send("m.room.topic", is_state=True) == 50
    assert (levels.ban, levels.kick, levels.redact, levels.invite) == (50, 50, 50, 0)
    assert levels.notification("room") == 50


def test_what_is_set_goes_before_what_is_default() -> None:
    levels = PowerLevels(
        users={"@a:tea": 7},
        users_default=1,
        events={"m.room.topic": 3},
        events_default=4,
        state_default=5,
        notifications={"room": 6},
    )
    assert (levels.of("@a:tea"), levels.of("@b:tea")) == (7, 1)
    assert levels.needed_to_send("m.room.topic", is_state=True) == 3
    assert levels.needed_to_send("m.room.topic", is_state=False) == 3
    assert levels.needed_to_send("m.room.name", is_state=True) == 5
    assert levels.needed_to_send("m.room.message", is_state=False) == 4
    assert (levels.notification("room"), levels.notification("other")) == (6, 50)


def test_creators_stand_above_every_number_that_an_event_can_hold() -> None:
    levels = PowerLevels(creators=frozenset(["@c:tea"]), users={"@c:tea": 1})
    assert levels.of("@c:tea") == CREATOR_LEVEL > 2**53 - 1

"""Profiles: who may change what, which fields there are, how large they get, who is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teahouse.accounts import find_profile, find_profiles, search_members
from teahouse.accounts.rules import split_search_words
from teahouse.platform.db import Database
from teahouse.platform.json import Json
from tests.kit.house import House

pytestmark = pytest.mark.anyio
ROSE = "@rose:teahouse.test"


async def test_a_new_member_is_shown_by_their_name(house: House) -> None:
    await house.register("rose")
    answer = await house.call("GET", f"/profile/{ROSE}")
    assert answer.json() == {"displayname": "rose"}


async def test_fields_are_set_read_and_removed(house: House, db: Database) -> None:
    token = (await house.register("rose"))["access_token"]
    for field, value in (
        ("displayname", "Rosé 🌹"),
        ("avatar_url", "mxc://teahouse.test/abc"),
        ("m.tz", "Europe/Paris"),
        ("org.example.pronouns", [{"language": "en", "summary": "she"}]),
        ("org.example.nothing", None),
    ):
        path = f"/profile/{ROSE}/{field}"
        answer = await house.call("PUT", path, {field: value}, token=token)
        assert (answer.status_code, answer.json()) == (200, {}), answer.text
        assert (await house.call("GET", path)).json() == {field: value}
    assert len((await house.call("GET", f"/profile/{ROSE}")).json()) == 5

    for path in (f"/profile/{ROSE}/m.tz", f"/profile/{ROSE}/m.tz"):
        answer = await house.call("DELETE", path, token=token)
        assert (answer.status_code, answer.json()) == (200, {})
    gone = await house.call("GET", f"/profile/{ROSE}/m.tz")
    assert (gone.status_code, gone.json()["errcode"]) == (404, "M_NOT_FOUND")
    shown = await db.read(find_profile, ROSE)
    assert (shown.displayname, shown.avatar_url) == ("Rosé 🌹", "mxc://teahouse.test/abc")
    assert await db.read(find_profiles, [ROSE, "@nobody:x"]) == {ROSE: shown}


@pytest.mark.parametrize("value", ["", None])
async def test_an_emptied_name_is_removed(house: House, value: Json) -> None:
    token = (await house.register("rose"))["access_token"]
    path = f"/profile/{ROSE}/displayname"
    answer = await house.call("PUT", path, {"displayname": value}, token=token)
    assert answer.status_code == 200
    assert (await house.call("GET", path)).status_code == 404


async def test_nobody_changes_anothers_profile(house: House) -> None:
    await house.register("rose")
    lily = (await house.register("lily"))["access_token"]
    path = f"/profile/{ROSE}/displayname"
    for answer in (
        await house.call("PUT", path, {"displayname": "Mud"}, token=lily),
        await house.call("DELETE", path, token=lily),
    ):
        assert (answer.status_code, answer.json()["errcode"]) == (403, "M_FORBIDDEN")
    assert (await house.call("PUT", path, {"displayname": "Mud"})).status_code == 401
    assert (await house.call("GET", path)).json() == {"displayname": "rose"}


@pytest.mark.parametrize(
    ("field", "value", "errcode"),
    [
        ("displayname", 5, "M_INVALID_PARAM"),
        ("displayname", "x" * 257, "M_INVALID_PARAM"),
        ("avatar_url", "https://example.org/a.png", "M_INVALID_PARAM"),
        ("m.tz", {}, "M_INVALID_PARAM"),
        ("Nonsense", "x", "M_INVALID_PARAM"),
        ("nodots", "x", "M_INVALID_PARAM"),
        ("a." + "b" * 254, "x", "M_KEY_TOO_LARGE"),
        ("org.example.large", "x" * 65_536, "M_PROFILE_TOO_LARGE"),
    ],
)
async def test_fields_out_of_bounds_are_refused(
    house: House, field: str, value: Json, errcode: str
) -> None:
    token = (await house.register("rose"))["access_token"]
    answer = await house.call("PUT", f"/profile/{ROSE}/{field}", {field: value}, token=token)
    assert (answer.status_code, answer.json()["errcode"]) == (400, errcode)


async def test_a_body_without_the_field_is_refused(house: House) -> None:
    token = (await house.register("rose"))["access_token"]
    answer = await house.call("PUT", f"/profile/{ROSE}/displayname", {"x": "y"}, token=token)
    assert (answer.status_code, answer.json()["errcode"]) == (400, "M_MISSING_PARAM")


async def test_all_fields_together_stay_under_64_kib(house: House) -> None:
    token = (await house.register("rose"))["access_token"]
    codes = []
    for number in range(3):
        field = f"org.example.f{number}"
        body: dict[str, Json] = {field: "x" * 30_000}
        answer = await house.call("PUT", f"/profile/{ROSE}/{field}", body, token=token)
        codes.append(answer.status_code)
    assert codes == [200, 200, 400]
    # Replacing a field counts only its new value.
    body = {"org.example.f1": "y" * 30_000}
    answer = await house.call("PUT", f"/profile/{ROSE}/org.example.f1", body, token=token)
    assert answer.status_code == 200


async def test_an_unknown_member_has_no_profile(house: House) -> None:
    for path in ("/profile/@nobody:teahouse.test", "/profile/@a:elsewhere/displayname"):
        answer = await house.call("GET", path)
        assert (answer.status_code, answer.json()["errcode"]) == (404, "M_NOT_FOUND")


async def test_members_are_found_by_the_beginning_of_their_words(
    house: House, db: Database
) -> None:
    tokens = {
        name: (await house.register(name))["access_token"] for name in ("alice", "alan.b", "zoe")
    }
    name = {"displayname": "Ångström Margatroid"}
    path = "/profile/@zoe:teahouse.test/displayname"
    await house.call("PUT", path, name, token=tokens["zoe"])

    async def search(term: str) -> list[str]:
        return [found[1:].partition(":")[0] for found in await db.read(search_members, term)]

    assert await search("al") == ["alan.b", "alice"]
    assert await search("ALI") == ["alice"]
    assert await search("b") == ["alan.b"]
    assert await search("ång") == ["zoe"]
    assert await search("marg ångström") == ["zoe"]
    assert await search("marg al") == []
    assert await search("zo") == ["zoe"]
    assert await search("@alice:teahouse.test") == ["alice"]
    assert await search("%") == []
    assert await search("") == []


@given(st.text(max_size=200))
def test_search_words_are_few_and_folded(text: str) -> None:
    words = split_search_words(text)
    assert len(words) <= 10
    assert all(word and len(word) <= 64 for word in words)
    assert len(set(words)) == len(words)

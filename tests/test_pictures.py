"""Every page of the client has pictures, of a phone and of a laptop, and they are small."""

from docs.routes import find_routes
from docs.walk import IMAGES, VISITS

BYTES_MAX = 6 * 1024 * 1024


def test_every_page_has_its_place_in_the_walk() -> None:
    # Say in docs/walk.py how a new page is reached, then `make screenshots`.
    assert set(find_routes()) == set(VISITS)
    names = [visit.name for visit in VISITS.values()]
    assert len(names) == len(set(names))


def test_every_page_has_its_pictures() -> None:
    wanted = {f"{v.name}-{screen}.png" for v in VISITS.values() for screen in ("phone", "laptop")}
    assert wanted <= {picture.name for picture in IMAGES.glob("*.png")}


def test_pictures_take_little_room() -> None:
    assert sum(picture.stat().st_size for picture in IMAGES.glob("*.png")) < BYTES_MAX

"""What becomes of an order: by the last digits of the account it names, else by chance."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from difflib import SequenceMatcher
from hashlib import sha256

from teahouse.iso20022 import CLOSE, DIFFERENT, MATCH
from teahouse.partner_bank.types import Fate, Order, Terms

_EPOCH = date(1970, 1, 1)
_DAY_MS = 86_400_000
# As with the numbers of test cards, the last four digits of an account say what it does.
SPECIAL_NUMBERS: dict[str, tuple[str, Fate]] = {
    "0001": ("there is no such account", Fate(reject="AC01")),
    "0002": ("nobody has signed a mandate", Fate(reject="MD01")),
    "0003": ("there is never enough money", Fate(reject="AM04")),
    "0004": ("the account is closed", Fate(reject="AC04")),
    "0006": ("the account is blocked", Fate(reject="AC06")),
    "0010": ("it is booked, and comes back: closed since", Fate(give_back="AC04")),
    "0011": ("it is booked, and the holder wants it back", Fate(give_back="MD06")),
    "0020": ("the bank is silent", Fate(is_silent=True)),
    "0030": ("its holder has another name than whoever asks first thinks", Fate()),
    "0031": ("its holder is known by initials: Ada Lovelace as A Lovelace", Fate()),
    "0032": ("its bank tells nobody who the holder is", Fate()),
}
# Of these nothing is said about the holder: why not instead.
UNTOLD_NAMES = {"0001": "AC01", "0004": "AC04", "0032": "NOAP"}
_STRANGER = "Sam Everyman"
# Small credits arrive, by which accounts are verified: else no account that returns money could be
# linked, and none at all where many orders are rejected.
_SMALL_MINOR = 1
_ONLY_DEBITS = {"0002", "0003"}
# The reason of whoever is chosen by chance.
_REJECT = "MS03"
_GIVE_BACK = "MS03"


def choose_fate(order: Order, terms: Terms) -> Fate:
    """What becomes of an order; always the same under the same terms."""
    ending = order.account.number[-4:]
    if ending in SPECIAL_NUMBERS and not (ending in _ONLY_DEBITS and order.direction == "out"):
        fate = SPECIAL_NUMBERS[ending][1]
        return fate if fate.reject or order.amount.minor > _SMALL_MINOR else Fate()
    if order.amount.minor <= _SMALL_MINOR:
        return Fate()
    if _draw(order, terms, "reject") < terms.reject_rate:
        return Fate(reject=_REJECT)
    if _draw(order, terms, "return") < terms.return_rate:
        return Fate(give_back=_GIVE_BACK)
    return Fate()


def _draw(order: Order, terms: Terms, what: str) -> float:
    """A number from 0 to 1 that depends on nothing but seed and order: a crash changes no fate."""
    told = f"{terms.seed}:{what}:{order.end_to_end_id}".encode()
    return int.from_bytes(sha256(told).digest()[:6], "big") / 2**48


def name_holder(number: str, told: str) -> str:
    """The name of an account's holder, when the account is first heard of.

    Args:
        number: of the account.
        told: as whoever heard of it calls them.
    """
    ending = number[-4:]
    if ending == "0030":
        return _STRANGER
    words = told.split()
    if ending == "0031" and len(words) > 1:
        return " ".join([word[0] for word in words[:-1]] + words[-1:])
    return told


def compare_names(told: str, known: str) -> str:
    """Whether a name is the holder's: `MTCH`, `CMTC` for nearly, or `NMTC`.

    Case, accents, signs, the order of words and titles do not matter. Nearly is what initials,
    a missing word or a slip of the pen explain.

    Args:
        told: as somebody wrote it.
        known: as the bank has it.

    Source:
        Pay.UK, Confirmation of Payee: what counts as a close match is the bank's own to say.
    """
    mine, theirs = _words(told), _words(known)
    if not mine or not theirs:
        return DIFFERENT
    if sorted(mine) == sorted(theirs):
        return MATCH
    fewer, more = sorted((mine, theirs), key=len)
    whole = [word for word in fewer if len(word) > 1 and word in more]
    if whole and all(_stands_for_any(word, more) for word in fewer):
        return CLOSE
    likeness = SequenceMatcher(None, " ".join(mine), " ".join(theirs)).ratio()
    return CLOSE if likeness >= _LIKE else DIFFERENT


_LIKE = 0.85
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "sir", "dame", "herr", "frau"})


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word for word in re.findall(r"[^\W_]+", bare) if word not in _TITLES]


def _stands_for_any(word: str, others: list[str]) -> bool:
    return any(
        word == other or (1 in {len(word), len(other)} and word[0] == other[0]) for other in others
    )


def find_day(now: int, started_at: int, day_ms: int) -> int:
    """The number of the bank's day; days are counted from the one on which it opened.

    Args:
        now: which instant.
        started_at: when the bank opened.
        day_ms: how long its days last; of 24 hours they are those of UTC.
    """
    return (now - (started_at - started_at % day_ms)) // day_ms


def date_of(day: int, started_at: int) -> date:
    """The date of a day of the bank."""
    return _EPOCH + timedelta(days=started_at // _DAY_MS + day)

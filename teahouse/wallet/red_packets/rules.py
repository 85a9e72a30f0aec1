"""How a red packet is split. Pure: chance is handed in as bytes.

The lucky split draws every way to part the sum with the same probability, so that no place in the
queue is better than another: docs/explanation/red-packets.md.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from itertools import pairwise

from teahouse.platform.errors import InvalidParam, Refusal
from teahouse.platform.money import (
    Currency,
    Money,
    parse_amount,
    parse_currency,
    split_evenly,
)
from teahouse.platform.settings import SettingsError
from teahouse.wallet.red_packets.errors import PacketOutOfBounds
from teahouse.wallet.red_packets.types import (
    GREETING_LENGTH_MAX,
    PacketBounds,
    PacketDraft,
    Split,
)

# Bytes of an unguessable number, as `chance.secrets.token_bytes` gives them.
Entropy = Callable[[int], bytes]

_SALT_BYTES = 32


def read_bounds(count_max: int, share_limits: Sequence[str]) -> PacketBounds:
    """What the operator allows, as the settings say it.

    Args:
        count_max: the most shares.
        share_limits: texts such as `CNY 200.00`.

    Raises:
        SettingsError: a text that is no amount of a currency.
    """
    share_max: dict[Currency, int] = {}
    for text in share_limits:
        code, _, amount = text.partition(" ")
        try:
            limit = parse_amount(amount, parse_currency(code))
        except Refusal as refusal:
            raise SettingsError(f"red_packet_share_limits: {text!r}: {refusal.text}") from None
        share_max[limit.currency] = limit.minor
    return PacketBounds(count_max, share_max)


def check_draft(draft: PacketDraft, bounds: PacketBounds) -> None:
    """Check what somebody wants to give.

    Args:
        draft: of the right shape already.
        bounds: what the operator allows.

    Raises:
        PacketOutOfBounds: too many shares, or too much or too little for as many.
        InvalidParam: a greeting that is too long, or several shares for one member.
    """
    if not 1 <= draft.count <= bounds.count_max:
        raise PacketOutOfBounds(
            f"A red packet has 1 to {bounds.count_max} shares.", count_max=bounds.count_max
        )
    if draft.for_member is not None and draft.count != 1:
        raise InvalidParam("A red packet for one member has one share.")
    if draft.total.minor < draft.count:
        raise PacketOutOfBounds(
            "Every share has at least the smallest unit of the currency.",
            total_least=Money(draft.count, draft.total.currency),
        )
    share_max = bounds.share_max.get(draft.total.currency)
    if share_max is not None and draft.total.minor > share_max * draft.count:
        most = Money(share_max * draft.count, draft.total.currency)
        raise PacketOutOfBounds("That is too much for so few shares.", total_most=most)
    if len(draft.greeting) > GREETING_LENGTH_MAX:
        raise InvalidParam(f"A greeting has at most {GREETING_LENGTH_MAX} characters.")


def split_packet(total: int, count: int, split: Split, entropy: Entropy) -> list[int]:
    """The shares of a packet, in the order in which they will be claimed.

    Args:
        total: minor units, at least `count`.
        count: how many shares, at least one.
        split: `equal`: they differ by at most one unit; `random`: by luck.
        entropy: unguessable bytes. It decides who gets the larger shares of an equal split, too.
    """
    if split == "random":
        return draw_composition(total, count, entropy)
    return _shuffle(split_evenly(total, count), entropy)


def draw_composition(total: int, count: int, entropy: Entropy) -> list[int]:
    """Draw one of the ways to write `total` as an ordered sum of `count` positive whole numbers.

    Each of the C(total - 1, count - 1) ways is equally likely: stars and bars. Think of `total`
    units in a row; the `count - 1` bars stand in different gaps of the `total - 1` between them.

    Args:
        total: at least `count`.
        count: at least one.
        entropy: random bytes.

    Returns:
        The shares; any reordering of them is as likely as they are.
    """
    assert 1 <= count <= total
    bars = draw_subset(total - 1, count - 1, entropy)
    places = [0, *sorted(bars), total]
    return [end - start for start, end in pairwise(places)]


def draw_subset(size: int, count: int, entropy: Entropy) -> set[int]:
    """Draw `count` different numbers from 1 to `size`, every set equally likely.

    Args:
        size: not negative.
        count: at most `size`.
        entropy: random bytes.

    Source:
        R. W. Floyd, in J. Bentley and R. Floyd, "A sample of brilliance", CACM 30(9), 1987.
    """
    assert 0 <= count <= size
    drawn: set[int] = set()
    for last in range(size - count + 1, size + 1):
        candidate = 1 + draw_below(last, entropy)
        drawn.add(last if candidate in drawn else candidate)
    return drawn


def draw_below(limit: int, entropy: Entropy) -> int:
    """Draw a whole number from 0 to `limit - 1`, each equally likely.

    Bits that would favour some numbers are thrown away (rejection sampling): fewer than two tries
    on average.
    """
    assert limit >= 1
    bits = (limit - 1).bit_length()
    byte_count = (bits + 7) // 8
    while True:
        number = int.from_bytes(entropy(byte_count), "big") >> (8 * byte_count - bits)
        if number < limit:
            return number


def _shuffle(items: Sequence[int], entropy: Entropy) -> list[int]:
    """Every order equally likely (Fisher and Yates)."""
    shuffled = list(items)
    for last in range(len(shuffled) - 1, 0, -1):
        other = draw_below(last + 1, entropy)
        shuffled[last], shuffled[other] = shuffled[other], shuffled[last]
    return shuffled


def make_salt(entropy: Entropy) -> bytes:
    """What keeps a seal from being guessed: small packets have few ways to be split."""
    return entropy(_SALT_BYTES)


def compute_seal(salt: bytes, shares: Sequence[int]) -> str:
    """A commitment to the shares and their order, shown when the packet is given.

    Once it is over, salt and shares are shown too: everybody can compute the seal again, and see
    that no share was changed in between.

    Returns:
        HMAC-SHA-256 in hexadecimal, over the shares in decimal, joined by commas.
    """
    told = ",".join(str(share) for share in shares)
    return hmac.new(salt, told.encode(), hashlib.sha256).hexdigest()


def find_luckiest(amounts: Sequence[int]) -> int | None:
    """Whose share is the best: of equal ones, whoever came first.

    Args:
        amounts: in the order of claims.

    Returns:
        The index, or None where there is none.
    """
    if not amounts:
        return None
    return max(range(len(amounts)), key=lambda index: (amounts[index], -index))

"""Signatures as the reference library makes and checks them; when messages are tried again."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from teahouse.wallet.webhooks.errors import InvalidWebhook
from teahouse.wallet.webhooks.rules import (
    DISABLED_AFTER_MS,
    RETRY_GAPS_MS,
    build_body,
    build_headers,
    build_secret,
    check_event_types,
    compute_next_try,
    is_delivered,
    is_given_up,
    sign_message,
    wants,
)

# Of the reference implementation's own tests.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_signature_comes_out() -> None:
    signed = sign_message(SECRET, message_id=MESSAGE, timestamp=1_614_265_330, body=BODY)
    assert signed == SIGNATURE


@given(raw=st.binary(min_size=32, max_size=32), body=st.text(), at=st.integers(0, 2**33))
def test_the_reference_library_signs_the_same(raw: bytes, body: str, at: int) -> None:
    secret = build_secret(raw)
    ours = sign_message(
        secret, message_id="msg_1", timestamp=at, body=body.encode("utf-8", "replace")
    )
    text = body.encode("utf-8", "replace").decode()
    assert ours == Webhook(secret).sign("msg_1", datetime.fromtimestamp(at, UTC), text)


def test_the_reference_library_takes_what_we_send_and_nothing_forged() -> None:
    old, new = build_secret(bytes(32)), build_secret(bytes(range(32)))
    now = int(time.time())
    headers = build_headers([new, old], message_id="msg_1", timestamp=now, body=BODY)
    for secret in (old, new):
        assert Webhook(secret).verify(BODY, headers) == {"test": 2432232314}
    others = build_secret(b"x" * 32)
    forged = [
        (others, BODY, headers),
        (new, BODY + b" ", headers),
        (new, BODY, headers | {"webhook-id": "msg_2"}),
        (new, BODY, headers | {"webhook-timestamp": str(now + 1)}),
        (new, BODY, headers | {"webhook-signature": "v1,AAAA"}),
    ]
    for secret, body, told in forged:
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, told)


@pytest.mark.parametrize("age", [-400, 400])
def test_a_replayed_message_is_too_old_for_the_receiver(age: int) -> None:
    secret = build_secret(bytes(32))
    headers = build_headers(
        [secret], message_id="msg_1", timestamp=int(time.time()) - age, body=BODY
    )
    with pytest.raises(WebhookVerificationError, match="too"):
        Webhook(secret).verify(BODY, headers)


def test_a_message_says_what_when_and_about_what() -> None:
    body = build_body("charge.captured", at=1_448_000_000_123, data={"charge_id": "chg_1"})
    assert body == (
        b'{"type":"charge.captured","timestamp":"2015-11-20T06:13:20.123Z",'
        b'"data":{"charge_id":"chg_1"}}'
    )


def test_event_types_are_known_ones_or_all() -> None:
    assert check_event_types(["tip.given", "charge.voided", "tip.given"]) == [
        "charge.voided",
        "tip.given",
    ]
    assert check_event_types(["*", "tip.given"]) == ["*"]
    assert wants(["*"], "tip.given")
    assert not wants(["charge.voided"], "tip.given")
    for wrong in (["charge.eaten"], ["tip.given", "x"], []):
        with pytest.raises(InvalidWebhook):
            check_event_types(wrong)


def test_tries_grow_rarer_and_end_after_some_three_days() -> None:
    at, gaps = 0, []
    for count in range(1, 20):
        following = compute_next_try(try_count=count, now=at, jitter=1)
        if following is None:
            break
        gaps.append(following - at)
        at = following
    assert gaps == sorted(gaps) == list(RETRY_GAPS_MS)
    assert 3 * 86_400_000 < at < 4 * 86_400_000


@pytest.mark.parametrize(
    ("status", "arrived"),
    [
        (200, True),
        (204, True),
        (299, True),
        (302, False),
        (404, False),
        (500, False),
        (None, False),
    ],
)
def test_only_an_answer_of_success_counts(status: int | None, *, arrived: bool) -> None:
    assert is_delivered(status) is arrived


def test_an_endpoint_is_given_up_after_days_or_when_it_says_so() -> None:
    assert not is_given_up(failing_since=0, now=DISABLED_AFTER_MS - 1, status=500)
    assert is_given_up(failing_since=0, now=DISABLED_AFTER_MS, status=500)
    assert is_given_up(failing_since=5, now=5, status=410)

"""What answers make of a consent, and what a receipt holds."""

import json
from typing import get_args

import pytest
import rfc8785

from teahouse.privacy.consents.rules import (
    Answered,
    apply_answer,
    hash_purpose,
    is_opted_out,
    make_receipt,
)
from teahouse.privacy.consents.types import (
    CONTACT_SUGGESTIONS,
    DIAGNOSTICS,
    ConsentAnswer,
    ConsentState,
)
from teahouse.privacy.policy.types import House, Purpose, VersionView

TEXTS = {"en": "Lend it", "zh": "出借"}
HOUSE = House(server_name="teahouse.test", contact="https://teahouse.test")
NOTICE = VersionView(number=3, published_at=5, applies_at=5, sha256={"en": "e" * 64, "zh": "z"})
ANSWERED = Answered(
    receipt_id="receipt_1",
    user_id="@ada:teahouse.test",
    number=1,
    state="given",
    at=1_700_000_000_123,
    voice="member",
    language="en",
)


@pytest.mark.parametrize("standing", get_args(ConsentState))
@pytest.mark.parametrize("answer", get_args(ConsentAnswer))
def test_a_yes_gives_and_a_no_takes_away(standing: ConsentState, answer: ConsentAnswer) -> None:
    state = apply_answer(standing, answer)
    assert (state == "given") == (answer == "yes")
    # Saying the same again says nothing new.
    assert apply_answer(state, answer) == state


@pytest.mark.parametrize("kind", ["own", "sharing", "ads"])
@pytest.mark.parametrize("signal", [None, "0", "1", "true"])
def test_the_signal_is_a_no_to_sharing_and_ads_only(kind: str, signal: str | None) -> None:
    purpose = Purpose(name="x", title=TEXTS, text=TEXTS, data=(), kind=kind)  # type: ignore[arg-type]
    assert is_opted_out(purpose, signal) == (signal == "1" and kind != "own")


def test_what_asks_for_something_else_is_another_question() -> None:
    assert hash_purpose(DIAGNOSTICS) != hash_purpose(CONTACT_SUGGESTIONS)


# Of ISO/IEC TS 27560 (clause 6) and, below, of the profile for the GDPR: where each field stands.
MANDATORY = {
    "schema version": ("dct:conformsTo",),
    "record id": ("dct:isPartOf",),
    "receipt id": ("dct:identifier",),
    "principal id": ("dpv:hasDataSubject",),
    "privacy notice": ("dpv:hasNotice", "dct:identifier"),
    "language": ("dpv:hasNotice", "dct:language"),
    "purpose": ("dpv:hasProcess", "dpv:hasPurpose", "@id"),
    "personal data": ("dpv:hasProcess", "dpv:hasPersonalData"),
    "controllers": ("dpv:hasDataController", "@id"),
    "storage locations": ("dpv:hasProcess", "dpv:hasStorageCondition", "dpv:hasLocation"),
    "retention period": ("dpv:hasProcess", "dpv:hasStorageCondition", "dpv:hasDuration"),
    "jurisdiction": ("dpv:hasProcess", "dpv:hasJurisdiction"),
    "recipients": ("dpv:hasProcess", "dpv:hasRecipient"),
    "withdrawal method": ("dpv:hasProcess", "dpv:hasConsentControl", "dct:description"),
    "party address": ("dpv:hasDataController", "dpv:hasAddress"),
    "party name": ("dpv:hasDataController", "dpv:hasName"),
    "party contact": ("dpv:hasDataController", "dpv:hasContact"),
    "party type": ("dpv:hasDataController", "@type"),
    "event time": ("dpv:hasConsentStatus", "dct:date"),
    "event validity": ("dpv:hasConsentStatus", "dpv:hasDuration"),
    "event entity": ("dpv:hasConsentStatus", "dpv:hasEntity"),
    "event type and state": ("dpv:hasConsentStatus", "@type"),
    "lawful basis": ("dpv:hasProcess", "dpv:hasLegalBasis"),
    "collection method": ("dpv:hasProcess", "th:collectionMethod"),
    "processing method": ("dpv:hasProcess", "dpv:hasProcessing"),
    "processing location": ("dpv:hasProcess", "th:processingLocation"),
    "geographic restrictions": ("dpv:hasProcess", "th:geographicRestriction"),
    "rights": ("dpv:hasRight",),
    "authority": ("dpv:hasAuthority",),
}


@pytest.mark.parametrize("field", MANDATORY)
def test_a_receipt_has_each_mandatory_field(field: str) -> None:
    found = json.loads(make_receipt(ANSWERED, DIAGNOSTICS, NOTICE, HOUSE))
    for step in MANDATORY[field]:
        found = found[step]
    assert found


def test_a_receipt_says_what_was_answered_in_one_form_only() -> None:
    text = make_receipt(ANSWERED, DIAGNOSTICS, NOTICE, HOUSE)
    receipt = json.loads(text)
    assert rfc8785.dumps(receipt).decode() == text
    assert receipt["dpv:hasConsentStatus"]["dct:date"] == "2023-11-14T22:13:20.123Z"
    assert receipt["dpv:hasConsentStatus"]["@type"][0] == "dpv:ConsentGiven"
    assert receipt["dpv:hasNotice"]["dct:identifier"].endswith("/archive/" + "e" * 64)
    # Every term is of a vocabulary that the receipt names.
    prefixes = {word.partition(":")[0] for word in _terms(receipt)} - {"@context", "@id", "@type"}
    assert prefixes <= set(receipt["@context"])


def _terms(value: object) -> set[str]:
    if isinstance(value, dict):
        inner = [_terms(part) for name, part in value.items() if name != "@context"]
        return set(value).union(*inner)
    if isinstance(value, list):
        return set().union(*(_terms(part) for part in value))
    return set()

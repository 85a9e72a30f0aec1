"""What an answer makes of a consent, and what its receipt says. Pure."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Final

import msgspec
import rfc8785

from teahouse.platform.json import JsonObject, encode_json
from teahouse.platform.languages import Language
from teahouse.privacy.consents.types import ConsentAnswer, ConsentState, PurposeView, Voice
from teahouse.privacy.policy.types import PURPOSES, House, Purpose, VersionView

SCHEMA_VERSION: Final = "ISO/IEC TS 27560:2023"
_STATUS: Final = {
    "given": "dpv:ConsentGiven",
    "refused": "dpv:ConsentRefused",
    "withdrawn": "dpv:ConsentWithdrawn",
}
# Kinds of data of the data map, as the vocabulary of personal data names them.
_DATA: Final = {
    "identifier": "dpv:IdentifyingPersonalData",
    "activity": "pd:Behavioral",
    "relation": "pd:SocialNetwork",
    "profile": "pd:Profile",
    "preference": "pd:Preference",
    "money": "pd:Transactional",
    "content": "pd:Communication",
}
_OPTED_OUT_KINDS: Final = {"sharing", "ads"}


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, with all that its receipt tells.

    Attributes:
        receipt_id: names the receipt.
        user_id: the member.
        number: its place among the answers about this purpose, from 1.
        state: what came of it.
        at: when, ms.
        voice: who gave it.
        language: of the notice that was shown.
    """

    receipt_id: str
    user_id: str
    number: int
    state: ConsentState
    at: int
    voice: Voice
    language: Language


def tell_purposes(language: Language) -> list[PurposeView]:
    """Every purpose, for whoever has no account yet."""
    return [
        PurposeView(
            purpose=name,
            title=purpose.title[language],
            text=purpose.text[language],
            kind=purpose.kind,
        )
        for name, purpose in sorted(PURPOSES.items())
    ]


def hash_purpose(purpose: Purpose) -> str:
    """SHA-256 of all that a purpose asks for: whoever changes it must ask again."""
    return hashlib.sha256(encode_json(purpose)).hexdigest()


def apply_answer(standing: ConsentState, answer: ConsentAnswer) -> ConsentState:
    """What an answer makes of a consent.

    Args:
        standing: how the member stands before.
        answer: what they say now.

    Returns:
        The state after it; the same where the answer says nothing new.
    """
    if answer == "yes":
        return "given"
    # Of what has become something else there is nothing left to withdraw but the answer.
    if standing in {"given", "expired", "withdrawn"}:
        return "withdrawn"
    return "refused"


def is_opted_out(purpose: Purpose, signal: str | None) -> bool:
    """Whether the browser's Global Privacy Control says no to a purpose.

    Args:
        purpose: what is asked.
        signal: the header `Sec-GPC`, or None.

    Source: W3C, Global Privacy Control, section 3.1.
    """
    return signal == "1" and purpose.kind in _OPTED_OUT_KINDS


def make_receipt(answered: Answered, purpose: Purpose, notice: VersionView, house: House) -> str:
    """The receipt, in the canonical form of RFC 8785.

    Args:
        answered: what was said.
        purpose: about what.
        notice: the version of the policy that held the notice.
        house: who asked.

    Source: ISO/IEC TS 27560:2023 (what a receipt holds), W3C DPV 2 (how it is said).
    """
    language = answered.language
    party = f"https://{house.server_name}/#controller"
    receipt: JsonObject = {
        "@context": {
            "dct": "http://purl.org/dc/terms/",
            "dpv": "https://w3id.org/dpv#",
            "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
            "pd": "https://w3id.org/dpv/pd#",
            # What the standard asks for and the vocabulary has no word for.
            "th": "urn:teahouse:terms:",
        },
        "@id": f"urn:teahouse:consent-receipt:{answered.receipt_id}",
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": SCHEMA_VERSION,
        "dct:identifier": answered.receipt_id,
        "dct:isPartOf": _record_id(answered.user_id, purpose.name),
        "dpv:hasDataSubject": answered.user_id,
        "dpv:hasNotice": _tell_notice(notice, language, house),
        "dpv:hasProcess": _tell_process(purpose, language, party),
        "dpv:hasDataController": {
            "@id": party,
            "@type": "dpv:DataController",
            "dpv:hasName": house.server_name,
            "dpv:hasContact": house.contact,
            "dpv:hasAddress": house.contact,
        },
        "dpv:hasConsentStatus": _tell_event(answered),
        "dpv:hasRight": [f"eu-gdpr:{right}" for right in ("A7-3", "A15", "A16", "A17", "A20")],
        "dpv:hasAuthority": "the data protection authority where the data subject lives",
    }
    return rfc8785.dumps(receipt).decode()


def _record_id(user_id: str, purpose: str) -> str:
    """One record for all answers of a member about a purpose."""
    digest = hashlib.sha256(f"{user_id}\0{purpose}".encode()).hexdigest()
    return f"urn:teahouse:consent-record:{digest[:32]}"


def _tell_notice(notice: VersionView, language: Language, house: House) -> JsonObject:
    sha256 = notice.sha256[language]
    return {
        "@type": "dpv:PrivacyNotice",
        "dct:identifier": f"{house.contact}/privacy/policy/archive/{sha256}",
        "dct:hasVersion": notice.number,
        "dct:language": language,
        "dct:issued": _tell_instant(notice.published_at),
        "th:sha256": sha256,
    }


def _tell_process(purpose: Purpose, language: Language, party: str) -> JsonObject:
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@id": f"urn:teahouse:purpose:{purpose.name}",
            "dct:title": purpose.title[language],
            "dct:description": purpose.text[language],
        },
        "dpv:hasLegalBasis": "eu-gdpr:A6-1-a",
        "dpv:hasPersonalData": [
            {"@type": "dpv:PersonalData", "dct:type": _DATA.get(kind, kind)}
            for kind in purpose.data
        ],
        "th:collectionMethod": "from the use of the service",
        "dpv:hasProcessing": ["dpv:Collect", "dpv:Use", "dpv:Erase"],
        "th:processingLocation": "the server of the controller",
        "th:geographicRestriction": "not outside the country of the server",
        "dpv:hasStorageCondition": {
            "dpv:hasLocation": "the server of the controller",
            "dpv:hasDuration": f"P{purpose.keep_days}D",
        },
        "dpv:hasJurisdiction": "where the controller is established",
        "dpv:hasRecipient": [party],
        "dpv:hasConsentControl": {
            "@type": "dpv:WithdrawConsent",
            "dct:description": f"PUT /api/v1/privacy/consents/{purpose.name}",
        },
    }


def _tell_event(answered: Answered) -> JsonObject:
    voice = "the data subject" if answered.voice == "member" else "Global Privacy Control"
    return {
        "@type": [_STATUS[answered.state], "dpv:ExplicitlyExpressedConsent"],
        "dct:date": _tell_instant(answered.at),
        "dct:identifier": answered.number,
        "dpv:hasDuration": "until withdrawn",
        "dpv:hasEntity": answered.user_id,
        "dpv:isIndicatedBy": voice,
    }


def _tell_instant(at: int) -> str:
    """An instant (ms) as RFC 3339 writes it."""
    seconds, ms = divmod(at, 1000)
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%M:%S}.{ms:03}Z"

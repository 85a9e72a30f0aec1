"""Notes what was asked and answered about holders, and what members decide."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from teahouse.accounts import Seal
from teahouse.iso20022 import CLOSE, DIFFERENT, MATCH, NameAnswer, NameReport
from teahouse.platform.db import Tx
from teahouse.platform.jobs import enqueue
from teahouse.platform.json import encode_json
from teahouse.wallet.name_checks.announcements import NameChecked
from teahouse.wallet.name_checks.errors import NothingToDecide
from teahouse.wallet.name_checks.types import NameChoice
from teahouse.wallet.outside.access import Secret, access_outside_account, open_secret
from teahouse.wallet.outside.announcements import BankOrderReported, OutsideAccountLinked
from teahouse.wallet.outside.commands import look_soon
from teahouse.wallet.outside.rules import id_of
from teahouse.wallet.outside.tables import wallet_outside_account
from teahouse.wallet.outside.types import (
    NAME_DOUBTED,
    NameCheck,
    OutsideAccount,
    OutsideAccountId,
    Reported,
)
from teahouse.wallet.parties.types import PartyId

ASK_JOB = "wallet.ask_names"
_NONCE_BYTES = 12
_RESULTS: dict[str, NameCheck] = {MATCH: "match", CLOSE: "close", DIFFERENT: "different"}

_account = wallet_outside_account.c


def ask_soon(tx: Tx, _linked: OutsideAccountLinked) -> None:
    """Have the bank asked about an account that was linked: a reaction."""
    enqueue(tx, ASK_JOB, key="asked")


def mark_asked(tx: Tx, outside_account_id: OutsideAccountId) -> None:
    """Note that a question lies ready for the bank; again changes nothing."""
    marked = tx.conn.execute(
        sa.update(wallet_outside_account)
        .where(_account.outside_account_id == outside_account_id, _account.name_check == "wanted")
        .values(name_check="asked")
    )
    if marked.rowcount:
        look_soon(tx)


def take_name_report(tx: Tx, report: NameReport, seal: Seal) -> None:
    """Act on what the bank says of holders (acmt.024); said twice, the first counts."""
    for answer in report.answers:
        _take_answer(tx, answer, seal)


def _take_answer(tx: Tx, answer: NameAnswer, seal: Seal) -> None:
    row = tx.conn.execute(
        sa.select(wallet_outside_account).where(
            _account.outside_account_id == id_of(answer.question_id)
        )
    ).one_or_none()
    if row is None:
        told = f"The bank answered about {answer.question_id}, which was never asked."
        tx.announce(
            BankOrderReported(Reported(kind="contradiction", order_id=None, amount=None, told=told))
        )
        return
    if row.name_check not in {"wanted", "asked"} or row.sealed is None:
        return
    name_check = _RESULTS.get(answer.result, "impossible")
    # "Nearly" without the name that is meant leaves nothing to choose from.
    if name_check == "close" and not answer.name:
        name_check = "different"
    _change(tx, row.outside_account_id, name_check=name_check)
    if name_check == "close":
        secret = msgspec.structs.replace(open_secret(row, seal), name_at_bank=answer.name)
        _reseal(tx, row.outside_account_id, secret, seal)
    tx.announce(
        NameChecked(OutsideAccountId(row.outside_account_id), PartyId(row.party), name_check)
    )


def choose_name(
    tx: Tx, party: PartyId | None, outside_account_id: str, choice: NameChoice, seal: Seal
) -> OutsideAccount:
    """Say which name is right, after the bank has doubted it: then the account can be used.

    Raises:
        UnknownOutsideAccount: there is none of this party's.
        NothingToDecide: the bank has not doubted the name, or has no other to offer.
    """
    account = access_outside_account(tx, party, outside_account_id, seal)
    if account.name_check not in NAME_DOUBTED:
        raise NothingToDecide
    if choice.use == "own":
        _change(tx, outside_account_id, name_check="kept")
        return access_outside_account(tx, party, outside_account_id, seal)
    if account.name_check != "close":
        raise NothingToDecide
    row = tx.conn.execute(
        sa.select(wallet_outside_account).where(_account.outside_account_id == outside_account_id)
    ).one()
    secret = open_secret(row, seal)
    _reseal(
        tx,
        outside_account_id,
        msgspec.structs.replace(secret, holder=secret.name_at_bank, name_at_bank=""),
        seal,
    )
    _change(tx, outside_account_id, name_check="match")
    return access_outside_account(tx, party, outside_account_id, seal)


def _reseal(tx: Tx, outside_account_id: str, secret: Secret, seal: Seal) -> None:
    sealed = seal.seal(
        encode_json(secret).decode(),
        owner=outside_account_id,
        nonce=tx.chance.secrets.token_bytes(_NONCE_BYTES),
    )
    _change(tx, outside_account_id, sealed=sealed)


def _change(tx: Tx, outside_account_id: str, **values: object) -> None:
    tx.conn.execute(
        sa.update(wallet_outside_account)
        .where(_account.outside_account_id == outside_account_id)
        .values(**values)
    )

"""Freezes wallets, and lets them go again. Every act is logged."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from teahouse import ledger, privacy
from teahouse.accounts import check_power, is_active, note_staff_act
from teahouse.platform.db import Tx
from teahouse.platform.errors import InvalidParam, NotFound
from teahouse.platform.requester import Requester
from teahouse.wallet.confirmations.commands import confirmed_factors
from teahouse.wallet.confirmations.types import Authority, Facts
from teahouse.wallet.freezes.announcements import FreezeChanged
from teahouse.wallet.freezes.errors import (
    FreezeNotFound,
    NotYoursToLift,
    OwnWallets,
    TwoFactorsNeeded,
    WrongStatus,
)
from teahouse.wallet.freezes.queries import (
    find_freeze,
    find_staff_view,
    list_freezes,
    list_in_force,
    list_log,
    list_overdue,
    show_freeze,
)
from teahouse.wallet.freezes.rules import EMERGENCY_MS, GAG_MS_MAX, StaffAct, change, is_in_force
from teahouse.wallet.freezes.tables import wallet_freeze, wallet_freeze_log
from teahouse.wallet.freezes.types import (
    Act,
    Freeze,
    FreezeId,
    FreezeStatus,
    FreezeView,
    NewFreeze,
    NewOwnFreeze,
    StaffView,
)
from teahouse.wallet.parties.commands import party_of
from teahouse.wallet.parties.queries import find_party, party_exists, user_of
from teahouse.wallet.parties.types import PartyId
from teahouse.wallet.wallets.access import access_wallet
from teahouse.wallet.wallets.commands import freeze_wallet, unfreeze_wallet
from teahouse.wallet.wallets.errors import WalletNotFound
from teahouse.wallet.wallets.queries import list_wallets, load_wallet
from teahouse.wallet.wallets.types import Wallet, WalletId

FREEZE = "frz"
_SEEN = (
    *(
        f"wallet_freeze.{name}"
        for name in (
            "party", "wallet_id", "kind", "is_total", "status", "reason", "created_at",
            "created_by", "approved_by", "lift_proposed_by",
        )
    ),
    *(f"wallet_freeze_log.{name}" for name in ("at", "act", "by_user_id", "note")),
    "wallet_party.user_id",
)  # fmt: skip
LIST_FREEZES = privacy.declare_deed("freezes.list", *_SEEN)
SEE_FREEZE = privacy.declare_deed("freezes.see", *_SEEN)
CHANGE_FREEZE = privacy.declare_deed("wallet.freeze", *_SEEN)
_GAGGED = "An order keeps the reason back for now; the page of the freeze will tell it."
_TOLD: dict[StaffAct, Act] = {
    "approve": "approved",
    "reject": "rejected",
    "propose_lift": "lift_proposed",
    "approve_lift": "lifted",
    "reject_lift": "lift_rejected",
}

_f = wallet_freeze.c


def freeze_own(tx: Tx, requester: Requester, new: NewOwnFreeze) -> FreezeView:
    """Stop one's own wallets at once, as after losing a phone. It takes no further proof.

    Raises:
        WalletNotFound: `wallet_id` is none of the requester's.
    """
    party = party_of(tx, requester.user_id)
    wallet_id = None if new.wallet_id is None else access_wallet(tx, requester, new.wallet_id).id
    made = Freeze(
        freeze_id=FreezeId(tx.new_id(FREEZE)),
        party=party,
        wallet_id=wallet_id,
        kind="own",
        is_total=False,
        status="in_force",
        reason=new.reason,
        gag_until=None,
        created_at=tx.now,
        # Of members the party is kept, so that erasing them leaves no name here.
        created_by=party,
    )
    _add(tx, made, "begun", by=party)
    return show_freeze(made, tx.now)


def lift_own(tx: Tx, requester: Requester, freeze_id: str, confirmation: str) -> FreezeView:
    """Let one's own wallets go again, with two factors or a passkey.

    Args:
        tx: the transaction it becomes part of.
        requester: the member.
        freeze_id: their own freeze.
        confirmation: of kind `unfreeze`.

    Raises:
        FreezeNotFound: none of the requester's.
        NotYoursToLift: the staff froze it.
        WrongStatus: it does not hold any more.
        TwoFactorsNeeded: the confirmation is too weak.
    """
    freeze = find_freeze(tx, freeze_id)
    if freeze.party != find_party(tx, requester.user_id) or freeze.status == "proposed":
        raise FreezeNotFound
    if freeze.kind != "own":
        raise NotYoursToLift
    if not is_in_force(freeze, tx.now):
        raise WrongStatus(None, freeze_status=freeze.status)
    facts = Facts(kind="unfreeze", payee_party=None, amount=None)
    factors = confirmed_factors(tx, Authority(requester, confirmation), facts)
    # A passkey is something one has and something one is or knows.
    if len(factors) < 2 and "passkey" not in factors:  # noqa: PLR2004 - two factors
        raise TwoFactorsNeeded
    lifted = msgspec.structs.replace(freeze, status="lifted")
    _keep(tx, lifted, "lifted", by=freeze.party)
    return show_freeze(lifted, tx.now)


def propose_freeze(tx: Tx, requester: Requester, new: NewFreeze) -> StaffView:
    """Ask for wallets to be frozen; in an emergency, freeze them for 24 hours.

    Raises:
        Forbidden: the requester is no bank officer.
        NotFound: no such member, party or wallet.
        InvalidParam: both or neither of member and party are named; a gag past its bounds.
        OwnWallets: they are the officer's own.
    """
    check_power(requester, "wallet.freeze")
    party = _find_target(tx, new)
    if party == find_party(tx, requester.user_id):
        raise OwnWallets
    wallet = _find_wallet(tx, party, new.wallet_id)
    if new.gag_until is not None and not tx.now < new.gag_until <= tx.now + GAG_MS_MAX:
        raise InvalidParam("`gag_until` lies ahead, by at most 90 days.")
    made = Freeze(
        freeze_id=FreezeId(tx.new_id(FREEZE)),
        party=party,
        wallet_id=wallet,
        kind="emergency" if new.is_emergency else "staff",
        is_total=new.is_total,
        status="in_force" if new.is_emergency else "proposed",
        reason=new.reason,
        gag_until=new.gag_until,
        created_at=tx.now,
        created_by=requester.user_id,
        lapses_at=tx.now + EMERGENCY_MS if new.is_emergency else None,
    )
    _add(tx, made, "begun" if new.is_emergency else "proposed", by=requester.user_id)
    _tell_staff_act(tx, requester, made, deed=CHANGE_FREEZE, reason=made.reason)
    return find_staff_view(tx, made.freeze_id)


def act_on_freeze(
    tx: Tx, requester: Requester, freeze_id: str, act: StaffAct, *, note: str
) -> StaffView:
    """Approve, reject, or lift a freeze as an officer; to lift one takes two, as to begin one.

    Args:
        tx: the transaction it becomes part of.
        requester: the officer.
        freeze_id: which; a member's own may be lifted too, where they cannot do it themself.
        act: what to do.
        note: why, for the log.

    Raises:
        Forbidden: the requester is no bank officer.
        FreezeNotFound: there is none.
        OwnWallets: they are the officer's own.
        WrongStatus: that cannot be done to it now.
        FourEyesNeeded: the officer proposed it themself.
    """
    check_power(requester, "wallet.freeze")
    freeze = find_freeze(tx, freeze_id)
    if freeze.party == find_party(tx, requester.user_id):
        raise OwnWallets
    changed = change(freeze, act, requester.user_id, tx.now)
    _keep(tx, changed, _TOLD[act], by=requester.user_id, note=note)
    _tell_staff_act(tx, requester, freeze, deed=CHANGE_FREEZE, reason=note)
    return find_staff_view(tx, freeze_id)


def read_freeze(tx: Tx, requester: Requester, freeze_id: str) -> StaffView:
    """A freeze for an officer or auditor; that somebody looked is told.

    Raises:
        Forbidden: the requester is neither.
        FreezeNotFound: there is none.
    """
    check_power(requester, "wallet.decisions.see")
    found = find_staff_view(tx, freeze_id)
    _tell_staff_act(tx, requester, found.freeze, deed=SEE_FREEZE)
    return found


def look_at_freezes(
    tx: Tx, requester: Requester, status: FreezeStatus, *, before: str | None, limit: int
) -> list[StaffView]:
    """Freezes of all members at one status, for officers; that somebody looked is told.

    Raises:
        Forbidden: the requester is no bank officer.
    """
    check_power(requester, "wallet.freeze")
    note_staff_act(tx, requester, LIST_FREEZES)
    return list_freezes(tx, status, before=before, limit=limit)


def lapse_freezes(tx: Tx) -> int:
    """End emergency freezes that nobody approved within 24 hours.

    Returns:
        How many.
    """
    overdue = list_overdue(tx)
    for freeze in overdue:
        ended = msgspec.structs.replace(freeze, status="lapsed", lift_proposed_by=None)
        _keep(tx, ended, "lapsed", by=None)
    return len(overdue)


def blank_own_reasons(tx: Tx, party: str) -> None:
    """Erase what a member wrote when they froze their own wallets."""
    tx.conn.execute(
        sa.update(wallet_freeze).where(_f.party == party, _f.kind == "own").values(reason="")
    )
    tx.conn.execute(
        sa.update(wallet_freeze_log).where(wallet_freeze_log.c.by_user_id == party).values(note="")
    )


def _find_target(tx: Tx, new: NewFreeze) -> PartyId:
    if (new.user_id is None) == (new.party is None):
        raise InvalidParam("Either `user_id` or `party` is named.")
    if new.user_id is not None:
        if not is_active(tx, new.user_id):
            raise NotFound("There is no such member.")
        return party_of(tx, new.user_id)
    assert new.party is not None
    if not party_exists(tx, new.party):
        raise NotFound("There is no such party.")
    return PartyId(new.party)


def _find_wallet(tx: Tx, party: PartyId, wallet_id: str | None) -> WalletId | None:
    if wallet_id is None:
        return None
    wallet = load_wallet(tx, wallet_id)
    if wallet is None or wallet.party != party:
        raise WalletNotFound
    return wallet.id


def _add(tx: Tx, freeze: Freeze, act: Act, *, by: str) -> None:
    tx.conn.execute(sa.insert(wallet_freeze).values(**msgspec.structs.asdict(freeze)))
    _follow(tx, freeze, act, by=by, note=freeze.reason)


def _keep(tx: Tx, freeze: Freeze, act: Act, *, by: str | None, note: str = "") -> None:
    tx.conn.execute(
        sa.update(wallet_freeze)
        .where(_f.freeze_id == freeze.freeze_id)
        .values(
            status=freeze.status,
            approved_by=freeze.approved_by,
            lapses_at=freeze.lapses_at,
            lift_proposed_by=freeze.lift_proposed_by,
        )
    )
    _follow(tx, freeze, act, by=by, note=note)


def _follow(tx: Tx, freeze: Freeze, act: Act, *, by: str | None, note: str) -> None:
    """Log an act, let the wallets follow, and tell."""
    tx.conn.execute(
        sa.insert(wallet_freeze_log).values(
            freeze_id=freeze.freeze_id,
            number=len(list_log(tx, freeze.freeze_id)) + 1,
            at=tx.now,
            act=act,
            by_user_id=by,
            note=note,
        )
    )
    held = list_in_force(tx, freeze.party)
    for wallet in list_wallets(tx, freeze.party):
        if wallet.status != "closed":
            _set_wallet(tx, wallet, [one for one in held if one.wallet_id in {None, wallet.id}])
    tx.announce(FreezeChanged(freeze.freeze_id, freeze.party, freeze.status))


def _set_wallet(tx: Tx, wallet: Wallet, held: list[Freeze]) -> None:
    if held and wallet.status != "frozen":
        freeze_wallet(tx, wallet.id)
    elif not held and wallet.status == "frozen":
        unfreeze_wallet(tx, wallet.id)
    # A frozen account takes nothing at all: not even what comes back. So it is for orders that
    # ask for just that.
    account = ledger.find_account(tx, wallet.account)
    assert account is not None
    is_total = any(one.is_total for one in held)
    if is_total and account.status == "open":
        ledger.freeze_account(tx, wallet.account)
    elif not is_total and account.status == "frozen":
        ledger.unfreeze_account(tx, wallet.account)


def _tell_staff_act(
    tx: Tx, requester: Requester, freeze: Freeze, *, deed: str, reason: str = ""
) -> None:
    if freeze.gag_until is not None and tx.now < freeze.gag_until:
        # The log must not tell what the freeze itself may not tell yet.
        if not reason:
            requester.needed_reason()
        reason = _GAGGED
    about = user_of(tx, freeze.party) or freeze.party
    note_staff_act(tx, requester, deed, about, reason=reason)

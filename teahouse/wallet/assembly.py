"""Joins the subjects of the wallet to a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from teahouse.platform.checks import Check, reference_check
from teahouse.platform.jobs import JobKind
from teahouse.platform.services import Services
from teahouse.wallet import (
    charges,
    codes,
    disputes,
    in_chat,
    leaving,
    mandates,
    name_checks,
    outside,
    payments,
    reconciliation,
    red_packets,
    transfers,
    wallets,
    webhooks,
)
from teahouse.wallet.charges import api as _charges_api
from teahouse.wallet.charges import jobs as _charges_jobs
from teahouse.wallet.charges.queries import make_checks as _make_charge_checks
from teahouse.wallet.codes import api as _codes_api
from teahouse.wallet.codes import jobs as _codes_jobs
from teahouse.wallet.confirmations import api as _confirmations_api
from teahouse.wallet.confirmations import jobs as _confirmations_jobs
from teahouse.wallet.confirmations.live import PayeeNames
from teahouse.wallet.disputes import api as _disputes_api
from teahouse.wallet.disputes import jobs as _disputes_jobs
from teahouse.wallet.disputes.queries import find_refunds_amiss
from teahouse.wallet.freezes import api as _freezes_api
from teahouse.wallet.freezes import jobs as _freezes_jobs
from teahouse.wallet.freezes.queries import find_open_though_frozen
from teahouse.wallet.in_chat import api as _in_chat_api
from teahouse.wallet.limits import api as _limits_api
from teahouse.wallet.limits.queries import find_counts_amiss
from teahouse.wallet.limits.tables import wallet_decision
from teahouse.wallet.mandates import api as _mandates_api
from teahouse.wallet.mandates import jobs as _mandates_jobs
from teahouse.wallet.mandates.queries import find_charges_amiss
from teahouse.wallet.name_checks import api as _name_checks_api
from teahouse.wallet.name_checks import jobs as _name_checks_jobs
from teahouse.wallet.outside import api as _outside_api
from teahouse.wallet.outside import jobs as _outside_jobs
from teahouse.wallet.pay_ins import api as _pay_ins_api
from teahouse.wallet.payments import api as _payments_api
from teahouse.wallet.payments.queries import find_payments_amiss
from teahouse.wallet.payments.tables import wallet_payment
from teahouse.wallet.reconciliation import api as _reconciliation_api
from teahouse.wallet.reconciliation import jobs as _reconciliation_jobs
from teahouse.wallet.reconciliation.queries import (
    find_cash_amiss,
    find_suspense_amiss,
    find_transit_amiss,
)
from teahouse.wallet.red_packets import api as _red_packets_api
from teahouse.wallet.red_packets import jobs as _red_packets_jobs
from teahouse.wallet.red_packets.queries import find_packet_money_amiss, find_packets_amiss
from teahouse.wallet.requests import api as _requests_api
from teahouse.wallet.requests import jobs as _requests_jobs
from teahouse.wallet.requests.queries import find_requests_amiss, find_splits_amiss
from teahouse.wallet.settlements import api as _settlements_api
from teahouse.wallet.settlements import jobs as _settlements_jobs
from teahouse.wallet.settlements.queries import find_gaps
from teahouse.wallet.shops import api as _shops_api
from teahouse.wallet.shops.queries import find_shop_name
from teahouse.wallet.shops.queries import make_checks as _make_shop_checks
from teahouse.wallet.statements import api as _statements_api
from teahouse.wallet.statements import jobs as _statements_jobs
from teahouse.wallet.transfers import api as _transfers_api
from teahouse.wallet.transfers.queries import find_transfers_amiss
from teahouse.wallet.wallets import api as _wallets_api
from teahouse.wallet.wallets.queries import (
    find_house_accounts_amiss,
    find_wallets_without_accounts,
)
from teahouse.wallet.webhooks import api as _webhooks_api
from teahouse.wallet.webhooks import jobs as _webhooks_jobs

ROUTES: Final[list[Any]] = [
    *_charges_api.routes,
    *_codes_api.routes,
    *_confirmations_api.routes,
    *_disputes_api.routes,
    *_freezes_api.routes,
    *_in_chat_api.routes,
    *_limits_api.routes,
    *_name_checks_api.routes,
    *_outside_api.routes,
    *_mandates_api.routes,
    *_pay_ins_api.routes,
    *_payments_api.routes,
    *_reconciliation_api.routes,
    *_red_packets_api.routes,
    *_requests_api.routes,
    *_settlements_api.routes,
    *_shops_api.routes,
    *_statements_api.routes,
    *_transfers_api.routes,
    *_wallets_api.routes,
    *_webhooks_api.routes,
]

JOB_KINDS: Final[list[JobKind]] = [
    *_charges_jobs.JOB_KINDS,
    *_codes_jobs.JOB_KINDS,
    *_confirmations_jobs.JOB_KINDS,
    *_disputes_jobs.JOB_KINDS,
    *_freezes_jobs.JOB_KINDS,
    *_settlements_jobs.JOB_KINDS,
    *_name_checks_jobs.JOB_KINDS,
    *_outside_jobs.JOB_KINDS,
    *_reconciliation_jobs.JOB_KINDS,
    *_mandates_jobs.JOB_KINDS,
    *_red_packets_jobs.JOB_KINDS,
    *_statements_jobs.JOB_KINDS,
    *_requests_jobs.JOB_KINDS,
    *_webhooks_jobs.JOB_KINDS,
]

CHECKS: Final[list[Check]] = [
    Check("wallet: What disputes decided was paid", find_refunds_amiss),
    Check("wallet: What counts for limits is what decisions let pass", find_counts_amiss),
    Check("wallet: Wallets are frozen where a freeze holds", find_open_though_frozen),
    reference_check(
        "wallet: Decisions name payments", wallet_decision.c.payment_id, wallet_payment.c.payment_id
    ),
    Check("wallet: Wallets have accounts in the ledger", find_wallets_without_accounts),
    Check("wallet: House accounts stand in the chart", find_house_accounts_amiss),
    Check("wallet: Payments agree with the ledger", find_payments_amiss),
    Check("wallet: Transfers stand as their payments do", find_transfers_amiss),
    Check("wallet: Paid requests fit their payments", find_requests_amiss),
    Check("wallet: Shares sum to their bill", find_splits_amiss),
    Check("wallet: Cash in the books is what the bank's last statement says", find_cash_amiss),
    Check("wallet: Settlements follow on one another", find_gaps),
    Check("wallet: What is in transit is what orders say", find_transit_amiss),
    Check("wallet: Suspense is what waits for staff", find_suspense_amiss),
    *_make_charge_checks(),
    *_make_shop_checks(),
    Check("wallet: Nobody was charged more than they consented to", find_charges_amiss),
    Check("wallet: Red packets add up to their shares", find_packets_amiss),
    Check("wallet: What is in red packets is in the books", find_packet_money_amiss),
]


def _name_payees(services: Services) -> None:
    """Let members see the names of shops where they confirm what they pay."""
    services.put(PayeeNames(find_shop_name))


# Each joins its subject's reactions and parts to the services.
INSTALLERS: Final[list[Callable[[Services], None]]] = [
    _name_payees,
    wallets.install,
    _limits_api.install,
    payments.install,
    charges.install,
    codes.install,
    webhooks.install,
    in_chat.install,
    mandates.install,
    disputes.install,
    transfers.install,
    outside.install_link,
    name_checks.install,
    reconciliation.install,
    red_packets.install,
    leaving.install,
]


def install(services: Services) -> list[Any]:
    """Make the parts, join the reactions, and return the routes."""
    for join in INSTALLERS:
        join(services)
    return ROUTES

"""A bank of its own, in a process of its own: the counterpart of Teahouse's link to banks.

It takes files of orders from a folder (`inbox`), answers each (`outbox`), books after a delay,
rejects and returns by rule or by rate, and writes a statement for each of its days. What it
knows of the world is time, money and the files that banks exchange. Whatever happens to the
process, nothing is lost or done twice: books and answers change in one transaction, and files are
laid into the folder from there.
"""

from __future__ import annotations

from teahouse.partner_bank.live import PartnerBank
from teahouse.partner_bank.rules import SPECIAL_NUMBERS
from teahouse.partner_bank.types import DAY_MS, Account, Terms

__all__ = ["DAY_MS", "SPECIAL_NUMBERS", "Account", "PartnerBank", "Terms"]

"""The link to outside banks: members' accounts there, money that comes in and goes out.

Orders are written into files (ISO 20022) and laid where the partner bank fetches them; what it
answers moves each order on. A wallet is credited only once the bank has booked.
"""

from __future__ import annotations

from teahouse.wallet.outside.live import ENTRY_POINTS, BankLink, PartnerBank, install_link

__all__ = ["ENTRY_POINTS", "BankLink", "PartnerBank", "install_link"]

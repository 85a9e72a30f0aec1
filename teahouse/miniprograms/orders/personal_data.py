"""Whose rows of menus are, for backups and erasure. Orders and grants name their member."""

from __future__ import annotations

from typing import Final

from teahouse import privacy

OWNERSHIPS: Final[privacy.DeclaredOwnership] = {
    # That the menu was changed is the shop's to know; by whom goes with who did it.
    "miniprograms_menu_change": privacy.Ownership(
        privacy.by_columns("changed_by"), left=privacy.blanked(changed_by=None)
    ),
}

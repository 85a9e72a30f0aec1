"""Freezes: stopping a wallet, by its member at once or by staff with four eyes."""

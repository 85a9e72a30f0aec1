"""Teahouse: chat, wallet, bank, cinema and privacy behind one account."""

"""Reports of encrypted messages that can be checked: one message is opened, its neighbours are not.

The reporter's app reveals the key of that one message; the sender's app takes no part, so it works
with every Matrix client.
"""

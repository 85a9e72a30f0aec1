"""What those with power did in a room, as a file that proves itself: without the house, for years.

Owners answer for a room with it, and are safe from words that are put into their log later. It
holds what they did and why, and no message.
"""

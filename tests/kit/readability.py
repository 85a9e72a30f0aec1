"""How hard a text is to read."""

import re


def reading_grade(text: str) -> float:
    """The school year in which an English text is read.

    Source: Kincaid, Fishburne, Rogers and Chissom 1975, with syllables as groups of vowels.
    """
    sentences = [part for part in re.split(r"[.!?]+\s", text + " ") if part.strip()]
    words = re.findall(r"[A-Za-z']+", text)
    syllables = sum(
        max(1, len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e")))) for word in words
    )
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59

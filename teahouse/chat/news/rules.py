"""The words of what the house tells. Pure."""

from __future__ import annotations

from typing import Final

from teahouse.chat.news.types import News
from teahouse.platform.json import JsonObject
from teahouse.platform.languages import Language

NEWS: Final = "org.teahouse.news"
"""In a message's content: which news it is, so that nobody is told twice."""

_WORDS: Final[dict[str, dict[Language, str]]] = {
    "policy": {
        "en": (
            "Our rules for your data will change on {day}. What changes stands under Me, Privacy, "
            "Our rules for your data. You may say yes or no. If you say no, or nothing at all, "
            "you can still write, pay and leave as before."
        ),
        "zh": (
            "我们对待您数据的规则将于{day}变更。变更内容请见“我 → 隐私 → 我们对待您数据的规则”。"
            "您可以同意，也可以不同意。不同意或不作答复，都可以照常聊天、付款或离开。"
        ),
    },
    "official": {
        "en": (
            "An authority has asked this house for data about you. Who asked, and what was given, "
            "stands under Me, Privacy, What a court would get."
        ),
        "zh": (
            "有官方机构向本站索取了与您有关的数据。是谁提出的、给出了什么，请见“我 → 隐私 → "
            "法院能拿到什么”。"
        ),
    },
}


def make_message(news: News, language: Language | None) -> JsonObject:
    """The content of the message.

    Args:
        news: what is told.
        language: the member's; None: not known, so it is said in both.
    """
    languages: tuple[Language, ...] = ("en", "zh") if language is None else (language,)
    said = [_WORDS[news.kind][one].format(day=news.day) for one in languages]
    return {"msgtype": "m.notice", "body": "\n\n".join(said), NEWS: news.key}

"""Which words of a question must be found: all of them, or those that are left when it is put less strictly."""

from __future__ import annotations

from egov.search.words import words

_MAX_WORDS = 12
# By which people ask, whatever it is about.
_ASKING = {
    "怎么", "怎样", "怎么样", "怎么办", "如何", "请问", "问", "一下", "哪里", "哪儿", "哪个", "哪些", "什么", "什么样",
    "为什么", "多少", "多久", "几", "谁", "吗", "呢", "吧", "啊", "我", "我要", "我想", "想", "要", "需要", "能",
    "能否", "可以", "是否", "有没有", "有", "是", "去", "办",
}  # fmt: skip
_LONG = 4  # characters of a word that is made of others


def all_words(text: str) -> list[str]:
    """The words of a question."""
    return words(text)[:_MAX_WORDS]


def needed(text: str) -> list[str]:
    """The words without those that only ask, and long ones by those they are made of: 出生证明 by 出生 and 证明."""
    found = all_words(text)
    kept = [word for word in found if word not in _ASKING] or found
    short = {word for word in kept if len(word) == 2}
    made = [word for word in kept if len(word) >= _LONG and _is_made_of(word, short)]
    return [word for word in kept if len(word) == 2 or not any(word in one for one in made)]


def _is_made_of(word: str, parts: set[str]) -> bool:
    covered = {
        at + step
        for part in parts
        for at in range(len(word) - 1)
        if word.startswith(part, at)
        for step in (0, 1)
    }
    return len(covered) == len(word)

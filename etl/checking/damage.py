"""Damaged text: seen, told, never repaired by guessing.

Real exports arrive with bytes shifted or lost: replacement characters, question marks inside Chinese, private-use
characters, or (a GBK stream that slipped by one byte) a run of characters that nobody writes.
"""

import re

DAMAGE = re.compile("[\ufffd\ue000-\uf8ff\x80-\x9f]|\\?\\?|[\u3400-\u9fff]\\?|\\?[\u3400-\u9fff]")
HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


def is_damaged(text: str) -> bool:
    """Whether `text` shows damage. Rare characters alone do not: at least two, and half of the text."""
    if text.isascii():
        return "??" in text
    if DAMAGE.search(text):
        return True
    rare = sum(1 for character in HAN.findall(text) if not _is_in_gb2312(character))
    return rare >= 2 and rare * 2 >= len(text)


def is_damaged_name(text: str) -> bool:
    """Whether a person's name shows damage: names hold no question mark at all."""
    return "?" in text or "\uff1f" in text or is_damaged(text)


def is_plain_text(text: str) -> bool:
    """Whether `text` holds nothing but GB 2312 characters and no question mark: then nothing in it is damaged."""
    return "?" not in text and "\uff1f" not in text and _is_in_gb2312(text)


def _is_in_gb2312(text: str) -> bool:
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True

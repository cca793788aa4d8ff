"""Greets people, in their own language where it knows it."""

from greeting.words import HELLO


def greet(name: str, language: str = "en") -> str:
    """Return a greeting; an unknown language greets in English."""
    return f"{HELLO.get(language, HELLO['en'])}, {name}!"

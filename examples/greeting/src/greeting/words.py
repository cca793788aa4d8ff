"""The word for hello by ISO 639-1 code."""

HELLO = {
    "de": "Hallo",
    "en": "Hello",
    "es": "Hola",
    "fi": "Hei",
    "zh": "你好",
}

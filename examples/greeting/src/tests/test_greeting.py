from greeting import greet


def test_greets_in_english_by_default():
    assert greet("Ada") == "Hello, Ada!"

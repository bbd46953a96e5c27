"""Texts of strangers on a terminal: shown as they are, never obeyed."""


def printable(text: str) -> str:
    """A text whose control and formatting characters are written as escapes.

    Bundles and errors name things that strangers chose. An escape sequence among them could clear
    the screen and print another verdict; a mark of writing direction could turn a line around.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character == "\n" or character.isprintable()
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )

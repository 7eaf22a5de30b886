"""The one error of this folder: nothing can be started, and the words tell the user what to do."""


class NotPossibleError(Exception):
    """What is missing or wrong, and the remedy, in words for the person at the terminal."""

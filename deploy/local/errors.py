"""The one error of the local run."""


class LocalError(Exception):
    """Something a person has to know: the message is a whole sentence that says what to do."""

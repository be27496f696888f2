"""How the workspace says no."""


class SlackError(Exception):
    """What was asked is refused, with one of Slack's error codes.

    Attributes:
        code: Slack's code, such as `channel_not_found`.
        details: What the Web API's answer carries besides.
    """

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code, details) if details else super().__init__(code)
        self.code = code
        self.details = details


class Undelivered(Exception):  # noqa: N818 - a state of a payload, and no mistake of the program
    """The app did not acknowledge a payload.

    Attributes:
        reason: Slack's word for why, as a retry carries it: `timeout`, `http_error` and so on.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NobodyThere(Undelivered):
    """The payload could not even be sent."""

"""The exceptions of the emulator."""


class ApiError(Exception):
    """Slack would refuse the operation.

    Attributes:
        code: Slack's error code, such as `channel_not_found`.
        details: Further fields of the Web API's response.
    """

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code, details) if details else super().__init__(code)
        self.code = code
        self.details = details


class NotAcknowledgedError(Exception):
    """The app did not acknowledge a payload.

    Attributes:
        reason: Slack's reason, as in a retry: `timeout`, `http_error` and so on.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotConnectedError(NotAcknowledgedError):
    """The payload could not be sent, because the app is not connected."""

"""An app in the synchronous Bolt for Python, which replies to a command and to a mention."""

import os
from threading import Event
from typing import Any

from slack_bolt import Ack, App, Say
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient


def main() -> None:
    """Connect, and run until the process is killed."""
    app = App(client=WebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]))

    @app.command("/hello")
    def hello(ack: Ack, command: dict[str, Any]) -> None:
        ack(f"Hello, {command['text']}")

    @app.event("app_mention")
    def mentioned(event: dict[str, Any], say: Say) -> None:
        say(text=f"Hello <@{event['user']}>", thread_ts=event["ts"])

    SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).connect()
    print("connected", flush=True)
    Event().wait()


if __name__ == "__main__":
    main()

"""The bot of a tutorial, to compare with: synchronous Bolt, and ``pipeline()`` in the listener.

It answers direct messages. ``SENTIMENT_MODEL`` is the folder of the model.
"""

import os
from collections.abc import Callable
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from transformers import pipeline

classifier: Any = pipeline("text-classification", model=os.environ["SENTIMENT_MODEL"], device="cpu")
client = WebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
app = App(client=client)


@app.event("message")
def on_message(event: dict[str, Any], say: Callable[[str], object]) -> None:
    """Answer a direct message with its label and score."""
    if event.get("bot_id") or event.get("subtype"):
        return
    result = classifier(event["text"])[0]
    say(f"{result['label']} {result['score']:.0%}")


if __name__ == "__main__":
    SocketModeHandler(app, os.environ["SLACK_APP_TOKEN"], web_client=app.client).start()

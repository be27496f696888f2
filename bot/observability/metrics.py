"""What the bot counts about itself, for Prometheus: numbers by kind and label, never a text, a person or a channel."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("bot_events", "What Slack sent and a listener took, by kind", ["kind"])
ANSWER_SECONDS = Histogram(
    "bot_answer_seconds", "From taking an event to having answered it", buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
)
IN_HAND = Gauge("bot_in_hand", "Events taken and not yet answered")
THROTTLED = Counter("bot_throttled", "Calls to which Slack answered 429")
RECONNECTS = Counter("bot_reconnects", "Connections of Socket Mode that took the place of another")
CLAIMS = Gauge("bot_claims_open", "Claims held on the database whose effects are not done yet; NaN if it is away")

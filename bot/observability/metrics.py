"""Prometheus metrics: numbers by kind and label, never texts, people or channels."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("bot_events", "Events from Slack that a listener handled, by kind", ["kind"])
ANSWER_SECONDS = Histogram(
    "bot_answer_seconds",
    "Time from receiving an event to having answered it",
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)
IN_FLIGHT = Gauge("bot_in_flight", "Events received and not answered yet")
THROTTLED = Counter("bot_throttled", "Calls that Slack answered with 429")
RECONNECTS = Counter("bot_reconnects", "Socket Mode connections that replaced an earlier one")
OPEN_CLAIMS = Gauge("bot_claims_open", "Claims in the database that are not done; NaN if it does not answer")
WEBHOOK_DELIVERIES = Counter("bot_webhook_deliveries", "Webhook deliveries that ended, by result", ["result"])
WEBHOOK_FAILURES = Counter("bot_webhook_failures", "Attempts to reach a webhook that failed, by reason", ["reason"])
ROUTED = Counter("bot_routed", "Messages that met a routing rule and were sent on, by target", ["target"])
ACKNOWLEDGED = Counter("bot_acknowledged", "Routed messages that somebody acknowledged")

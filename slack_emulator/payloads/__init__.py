"""The JSON that Slack sends: objects, events and interaction payloads."""

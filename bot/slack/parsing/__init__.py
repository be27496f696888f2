"""Reading what Slack sends."""

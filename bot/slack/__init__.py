"""All that speaks Slack."""

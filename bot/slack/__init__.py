"""Everything that depends on Slack."""

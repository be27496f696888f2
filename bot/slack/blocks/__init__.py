"""Pure functions from results to Block Kit. Nothing a person wrote ever stands in ``mrkdwn`` here."""

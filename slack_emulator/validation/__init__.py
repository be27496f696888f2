"""The checks that Slack applies to blocks, views and form input."""

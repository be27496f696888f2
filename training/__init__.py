"""Training of the embedded model, and its measurement. The bot does not need this package."""

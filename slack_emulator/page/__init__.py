"""The web page, its control API, and the OAuth consent page."""

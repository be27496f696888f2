"""The features of the bot."""

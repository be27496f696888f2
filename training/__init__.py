"""How the model that comes with the bot is made. The bot itself needs none of this."""

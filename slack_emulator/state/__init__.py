"""What the workspace holds: people, channels, messages, files, the installed app."""

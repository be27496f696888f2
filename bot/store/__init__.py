"""What the bot stores: opt-outs, watched channels, counts, feedback, claims and installations. Never message text."""

"""What is remembered: opt-outs, watched channels, feedback, installations. Never text."""

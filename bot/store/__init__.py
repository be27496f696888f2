"""What is remembered: so far, which effects are done already."""

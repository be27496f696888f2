"""The mood of a channel over time: counting, intervals, words, pictures. It says what to say; others say it."""

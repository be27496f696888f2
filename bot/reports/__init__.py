"""The mood of a channel over time: counts, intervals, keywords, charts, and files of messages."""

"""The mood of a channel over time: counts, intervals, keywords and charts. Pure functions of their arguments."""

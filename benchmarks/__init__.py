"""How fast, against what, in one run: ``make bench``."""

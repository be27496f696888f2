"""The features of the bot: one package each. To remove one, delete its package and its two mentions here."""

from bot.slack.feature import Feature
from bot.slack.features import agent, analysis, feedback, home, privacy, reports, routing, threads, watching, workflow

ALL_FEATURES: tuple[Feature, ...] = (
    analysis.FEATURE,  # first: it answers mentions, and whatever is no subcommand of another feature
    watching.FEATURE,
    reports.FEATURE,
    routing.FEATURE,
    threads.FEATURE,
    workflow.FEATURE,
    feedback.FEATURE,
    privacy.FEATURE,
    home.FEATURE,
    agent.FEATURE,
)

"""A step for Workflow Builder: a text in, its label, score and confidence out."""

from bot.slack.feature import Feature, HelpLine
from bot.slack.features.workflow import step

FEATURE = Feature(
    name="workflow",
    set_up=step.set_up,
    option="workflows",
    events=("function_executed",),
    manifest={
        # Slack requires org_deploy_enabled for apps that have workflow steps.
        "settings": {"org_deploy_enabled": True, "function_runtime": "remote"},
        "functions": {step.CALLBACK_ID: step.DEFINITION},
    },
    help=(HelpLine("*Analyze sentiment* is also a step for Workflow Builder"),),
)

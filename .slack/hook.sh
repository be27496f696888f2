# Run a command of the bot in .venv, for the Slack CLI. The CLI interrupts the process that it started, its shell: `exec`,
# here and in hooks.json, makes that process the bot.
if [ ! -x .venv/bin/python ] || [ ! -e .venv/bin/sentiment-bot ]; then  # pip writes the second when all is installed
    echo "The bot is not installed in .venv. Run: make run (it installs, then opens an emulator; Ctrl-C ends it)" >&2
    exit 78
fi
exec .venv/bin/python -m bot "$@"

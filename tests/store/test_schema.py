"""The description of each table."""

from bot.store.schema import granted_workspaces, metadata, processes, spent_states

# States of workspaces that are not known yet; the bot's own processes; what an organization grants, which stays if a
# workspace's data is deleted.
WITHOUT_TEAM = {spent_states, processes, granted_workspaces}
WITHOUT_EXPIRY = {"optouts", "watches", "digests", "alerts", "installations", "spent_states", "processes"}
WITHOUT_EXPIRY |= {"granted_workspaces", "webhooks", "routes"}


def test_every_table_is_described() -> None:
    """Each table belongs to a team, has a description, and either expires or is known not to."""
    tables = {*metadata.tables.values()}
    assert {table for table in tables if "team" not in table.columns} == WITHOUT_TEAM
    assert all(table.info["description"] for table in tables)
    assert {table.name for table in tables if table.info["expiry"] is None} == WITHOUT_EXPIRY
    for table in tables:
        if (expiry := table.info["expiry"]) is not None:
            assert expiry.column in table.columns
            assert expiry.setting in {"keep_days", "keep_claims_days"}
        # A new column that names a user needs a rule for the deletion of that user.
        assert {*table.columns.keys()} & {"asked_by", "author", "created_by", "requester"} <= {table.info["requester"]}

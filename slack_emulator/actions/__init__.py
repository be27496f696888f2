"""What people and the app do in the workspace, and the events that follow."""

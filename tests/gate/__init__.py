"""The gate from every side: each fact that shuts it on each path that leads to a session."""

"""The plan agreed with one client: how many sessions, how far apart, when to look whether it works, when to stop."""

"""The client's own places and offers (`own`), and the list as the team sees it (`team`)."""

"""In-app notices and the e-mail that says there is one, without saying what. Each is sent once, by its key."""

"""The team's day and week (`staff`), everybody's own calendar address (`feeds`), a client's yes (`own`)."""

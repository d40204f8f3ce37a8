"""The tests, laid out as the portal is: one folder a feature, and what is true of all of them beside it."""

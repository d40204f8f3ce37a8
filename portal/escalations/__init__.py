"""Who is told of a report, when, and who after them: a clock in the database that only an action or an end stops.

Each step is one transaction, done once whoever works; what was done about a case is recorded here, too.
"""

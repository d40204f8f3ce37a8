"""The triage table as the clinic keeps it: versions, an editor, a dry run on kept reports, publication, a signature.

What the table says is judged in `side_effects`; here it is changed. A version never changes: the next one follows.
"""

"""The case file of a report: how serious, how severe, what is suspected, and who says so; signed, then only addenda.

A practitioner writes it; nothing in it is worked out from what the client ticked. It can be exported for an authority.
"""

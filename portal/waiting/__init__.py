"""The waiting list: a time that comes free is offered to those who wait, one after another, if the gate allows them."""

"""An append-only record of who did, or saw, what of whom. Nothing here is ever changed or deleted."""

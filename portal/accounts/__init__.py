"""People, their roles and their sign-ins. `auth.py` holds the guards every route uses."""

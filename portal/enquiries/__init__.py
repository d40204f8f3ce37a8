"""What strangers ask before they are clients: saved first, acknowledged, owned, made an invitation by one press."""

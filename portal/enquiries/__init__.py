"""What strangers ask before they are clients: saved first, acknowledged, owned by somebody, turned into an invitation by one press."""

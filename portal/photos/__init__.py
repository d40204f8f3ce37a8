"""Photos of the scalp: how they come in, what is kept of them, and how two of them are laid side by side."""

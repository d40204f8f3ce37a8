"""Weekly hours, free times and appointments. Refuses while the gate is shut or the time is taken."""

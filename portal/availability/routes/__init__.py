"""Pages about when and where: a practitioner's own week, and the clinic's premises and closed days."""

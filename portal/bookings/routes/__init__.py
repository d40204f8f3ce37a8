"""The pages of appointments (`own`), the practitioner's day (`staff`) and working time (`hours`)."""

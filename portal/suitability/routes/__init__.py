"""Pages of the client (`own`) and of the practitioner (`deciding`)."""

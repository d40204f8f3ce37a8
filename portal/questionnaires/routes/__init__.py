"""Pages of the client (`own`, `checking`), of the practitioner (`looking`) and of the admin (`asking`)."""

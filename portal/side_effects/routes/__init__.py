"""Pages of the client (`own`, `unsent`; `scripted` is what their script is told) and of the practitioner (`staff`)."""

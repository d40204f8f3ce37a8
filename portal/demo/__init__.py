"""A believable clinic, told as a story and built only through the services. Everybody in it is invented."""

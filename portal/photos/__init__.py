"""Scalp photos: taken in safely (`decode`, `vault`), filed by view, shown to whom they belong, put side by side."""

"""Pages about photos: their files (`files`), sending (`sending`), what follows (`deciding`), looking (`looking`)."""

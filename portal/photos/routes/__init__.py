"""Pages about photos: the files themselves (`files`), sending them (`sending`), looking at them (`looking`)."""

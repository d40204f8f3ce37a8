"""Tools without one clinical word: database, forms, pages, files, mail, jobs. Nothing here knows a feature."""

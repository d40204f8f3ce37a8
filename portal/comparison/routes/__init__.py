"""Pages that compare photos: `pairs` two of them, `series` all of one view, `landmarks` three points a person taps."""

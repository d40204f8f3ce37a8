"""Pictures made from photos, what they were made from, and what their sources still allow."""

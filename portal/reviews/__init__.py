"""What a practitioner says about a photo or a report: a reply the client reads, a note the client never sees."""

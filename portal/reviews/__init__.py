"""What a practitioner says about a photo or a report: a reply the client reads, and a private note the client never sees."""

"""Who the clinic is: name, address, numbers, hours, time zone, currency and colour. An admin edits it on one screen."""

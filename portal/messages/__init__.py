"""One thread for each client: the client writes, any practitioner answers, and each side sees what it has not read yet."""

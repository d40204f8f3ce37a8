"""One thread for each client: the client writes, any practitioner answers.

Each side sees what it has not read yet.
"""

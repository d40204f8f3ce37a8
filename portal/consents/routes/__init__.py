"""Pages of the client (`own`), of whoever may read a signature (`copies`), and of the admin who publishes (`texts`)."""

"""Pages about accounts: signing in (`door`), mailed links (`links`), one's own account (`own`)."""

"""The pages: choosing and looking (`own`), moving and giving up (`changing`), the team (`staff`), a whole `course`."""

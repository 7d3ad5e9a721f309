"""People: users, practices, prescribers, their licences and what each role may do."""

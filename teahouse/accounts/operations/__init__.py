"""The console of the staff: members, jobs, settings in force, load."""

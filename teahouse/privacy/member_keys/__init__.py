"""A key for each member, in a small database of its own: destroyed, it takes all backups with it.

Whatever of a member's leaves the house in a backup is sealed under their key. The keys are in
`keys/member-keys.db`, in no archive; copies of that file live seven days at most. So the age of
the oldest copy is the true date of an erasure.
"""

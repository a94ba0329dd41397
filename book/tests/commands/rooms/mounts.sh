# A private view of what is mounted. Whatever a page freezes in here is thawed at the end: a process
# that waits for a frozen file system cannot be killed.
mount --make-rprivate /
trap 'fsfreeze -u mnt 2>/dev/null; umount mnt 2>/dev/null; exit' EXIT TERM

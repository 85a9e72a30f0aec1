"""Members who may read and leave, but say nothing for a time. Why is not known here."""

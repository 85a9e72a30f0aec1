"""A page on which a member does a stage that their Matrix client does not know."""

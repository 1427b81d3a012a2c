"""Numbers that are typed and bound to nothing: found, and told what they could be bound to."""

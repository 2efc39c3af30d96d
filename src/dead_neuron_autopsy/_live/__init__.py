"""What moves or answers in a window: following a recording, springs, the pointer, the keys."""

"""What moves or answers: updates, springs, the pointer and the keys."""

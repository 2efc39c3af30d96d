"""Rows, columns, sizes and places in points, as plain numbers."""

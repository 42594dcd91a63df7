"""What law and regions prescribe in numbers: a table that operators keep, with validity dates."""

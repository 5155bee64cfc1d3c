"""Text as it is written to text as it is said: prices, sizes, dates, units, names; English and Chinese."""

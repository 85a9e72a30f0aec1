"""Money in the demo's town: accounts at the bank, a tea shop, and six weeks of small payments."""

"""Papers: receipts and statements as PDF pages. Knows nothing of payments."""

"""Commission: arithmetic, dues and books, pages, a broker's papers."""

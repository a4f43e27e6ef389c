"""From a request in words to a typed, priced plan: decompose, search, rank, bind."""

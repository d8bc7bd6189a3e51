"""What the scripts are made of, a room a page; ``shared`` is for what two pages need."""

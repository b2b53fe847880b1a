"""Plain Python engines: no ORM inside, so that they are read, tested and used alone."""

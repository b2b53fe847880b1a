# One line per room. Test file names are unique in the whole add-on: two of the same name shadow each other.

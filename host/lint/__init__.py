"""The checks of `./kehu lint`, one file per subject. Each returns its findings as lines "file:line: what is wrong"."""

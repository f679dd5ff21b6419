"""`ansinh citizen-file PERSON`: the parts of every service joined into one file to hand out."""

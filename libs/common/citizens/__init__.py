"""A citizen's file: what one service holds of a person, and who read it and why.

Each service answers its own part in one shape (`schemas.PartOut`), for the same purpose and in the
same way on the trail; nobody asks another. Whoever hands the file out joins the parts (`ansinh
citizen-file`). Names and numbers are in the registry's part alone.
"""

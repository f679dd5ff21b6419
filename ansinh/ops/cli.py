"""`ansinh ops …`: the operator's commands. Vietnamese first, English second."""

import typer

ops = typer.Typer(help="Vận hành · see what is behind, and mend it.", no_args_is_help=True)

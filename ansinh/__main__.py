"""`python -m ansinh`: the same as the `ansinh` command."""

from ansinh.cli import main

if __name__ == "__main__":
    main()

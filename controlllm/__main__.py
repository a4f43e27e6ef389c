"""`python -m controlllm`."""

from controlllm.cli import main

main()

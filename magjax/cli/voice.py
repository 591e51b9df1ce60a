"""How a command speaks to the person who waits for it."""

import typer


class Voice:
    """Says lines to a person, after a first one that waits until there is something to say: errors stay alone.

    - `head`: the first line. `silent`: say nothing.
    """

    def __init__(self, head: str, *, silent: bool):
        self.head, self.silent = head, silent

    def __call__(self, text: str) -> None:
        if self.silent:
            return
        if self.head:
            typer.echo(self.head, err=True)
            self.head = ""
        typer.echo(text, err=True)

"""The same person recorded twice: found by number and by likeness, settled by people, undoable."""

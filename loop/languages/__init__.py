"""The one door to tree-sitter: what a source file defines, names, imports and tests."""

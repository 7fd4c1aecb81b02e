"""The canonical layout of `.arch` text: from a syntax tree, with its comments, to a page.

A tree becomes a document of a small layout algebra (`algebra`), by the rules of each construct (`expressions`, `flow`,
`statements`, `declarations`); the document becomes lines (`page`), in which comments are aligned (`remarks`). Comments
and the author's line breaks come from the words of the text (`pen`). `formatting` puts these together and holds the
result against the text that it was made from (`sameness`).
"""

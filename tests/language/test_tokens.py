"""Tokens and attention: what the reference says of them, by programs."""

from language_support import Bad, Good, accept, each, net, reject

TOKENS = "[8, 4, 6]"


def tokens(body: str, before: str = "") -> str:
    """A network of which a map of 4×6 positions with 8 features arrives at the body."""
    return net(body, before, TOKENS)


def attended(c: int, memory: int | None = None) -> int:
    """Parameters of attention over `c` features, to `memory` features."""
    m = c if memory is None else memory
    return c * c + 2 * c * m + 3 * c + c * c + c


GOOD = [
    Good("a row for each position", tokens("tokens"), shape=[24, 8], params=0),
    Good("the features follow", tokens("tokens -> linear(3) -> ln -> softmax"), shape=[24, 3], params=27 + 6),
    Good("`.channels` is the last", tokens("tokens -> linear(it.channels * 2)"), shape=[24, 16]),
    Good("concat along the features", tokens("tokens -> ( it | it ) -> concat"), shape=[24, 16]),
    Good("concat along the positions", tokens("tokens -> ( it | it ) -> concat(axis=0)"), shape=[48, 8]),
    Good("a vector is set on the features", tokens("( tokens | gap ) -> add"), shape=[24, 8]),
    Good("a vector is one token", tokens("gap -> tokens"), shape=[1, 8]),
    Good("windows", tokens("tokens(window=2)"), shape=[6, 4, 8]),
    Good("windows of an extent", tokens("tokens(window=4x3)"), shape=[2, 12, 8]),
    Good("axes that stay", tokens("tokens(flat=false)"), shape=[4, 6, 8]),
    Good("there and back", tokens("tokens -> untokens(4, 6)"), shape=[8, 4, 6]),
    Good("windows there and back", tokens("tokens(2) -> untokens(in.height, in.width, window=2)"), shape=[8, 4, 6]),
    Good("axes there and back", tokens("tokens(flat=false) -> linear(2) -> untokens(flat=false)"), shape=[2, 4, 6]),
    Good("one axis", net("tokens -> linear(3) -> untokens(length=9)", shape="[8, 9]"), shape=[3, 9]),
    Good("three axes", net("tokens -> untokens(3, 4, depth=2)", shape="[8, 2, 3, 4]"), shape=[8, 2, 3, 4]),
    Good("tokens stay tokens", tokens("tokens -> permute([0, 1]) -> slice(0, 5) -> linear(2)"), shape=[5, 2]),
    Good("one token has features alone", tokens("tokens -> select(0) -> linear(2)"), shape=[2]),
    Good(
        "parameters take the label",
        tokens("tokens\ncls: class_token\npos: position_embedding\ng: layerscale\nclass_token"),
        params=8 + 25 * 8 + 8 + 8,
        shape=[26, 8],
        keys=["cls", "pos", "g", "class_token1"],
    ),
    Good(
        "parameters in a group",
        tokens("tokens -> e: { pos: position_embedding -> dropout(0.1) -> linear(2) }"),
        keys=["e.pos", "e.2.weight", "e.2.bias"],
    ),
    Good("several class tokens", tokens("tokens -> class_token(count=3)"), params=24, shape=[27, 8]),
    Good("a class token for each window", tokens("tokens(2) -> class_token"), params=8, shape=[6, 5, 8]),
    Good("windows share their positions", tokens("tokens(2) -> position_embedding"), params=32, shape=[6, 4, 8]),
    Good("positions of a map", tokens("position_embedding"), params=192, shape=[8, 4, 6]),
    Good(
        "attention of one tensor",
        tokens("tokens -> attention(2)"),
        params=attended(8),
        shape=[24, 8],
        macs=24 * 8 * 8 * 4 + 2 * 24 * 24 * 8,
        keys=["attention1.in_proj_weight", "attention1.in_proj_bias", "attention1.out_proj.weight", "attention1.out_proj.bias"],
    ),
    Good("attention within windows", tokens("tokens(2) -> attention(2)"), shape=[6, 4, 8], macs=6 * (4 * 8 * 8 * 4 + 2 * 4 * 4 * 8)),
    Good("axes in front are batch", tokens("tokens(flat=false) -> attention(2)"), shape=[4, 6, 8], macs=4 * (6 * 8 * 8 * 4 + 2 * 6 * 6 * 8)),
    Good("a query and its memory", tokens("tokens -> ( linear(8) | linear(8) ) -> attention(2)"), params=2 * 72 + attended(8)),
    Good(
        "a memory with other features",
        tokens("q = tokens\nm = in -> maxpool(2) -> conv(5, 1) -> tokens\n( q | m ) -> attention(2)"),
        params=45 + attended(8, 5),
        shape=[24, 8],
        keys=["conv1.weight", "conv1.bias", "attention1.q_proj_weight", "attention1.k_proj_weight", "attention1.v_proj_weight", "attention1.in_proj_bias", "attention1.out_proj.weight", "attention1.out_proj.bias"],
    ),
    Good("keys and values", tokens("tokens -> ( it | linear(8) | linear(8) ) -> attention(4)"), params=144 + attended(8)),
    Good("attention as an argument", tokens("tokens -> pre(attention(2))", "block pre(body: layer) { ( identity | ln -> body ) -> add }"), params=16 + attended(8)),
    Good("attention repeated", tokens("tokens -> attention(2) * 3"), params=3 * attended(8)),
    Good("attention shared", tokens("tokens\nshare a = attention(2)\na -> a"), params=attended(8), macs=2 * (24 * 8 * 8 * 4 + 2 * 24 * 24 * 8)),
    Good("attention by default", tokens("default attention(bias=false)\ntokens -> attention(2)"), params=4 * 64),
    Good("no bias but the last", tokens("tokens -> attention(2, bias=false, out_bias=true)"), params=4 * 64 + 8),
    Good("a width of its own", tokens("tokens -> attention(2, dim=32, bias=false)"), params=4 * 8 * 32, shape=[24, 8]),
]

BAD = [
    Bad("sizes of three axes by position", tokens("tokens -> untokens(2, 4, 3)  #! E205"), says=("depth=d",)),
    Bad("attention of a map", tokens("attention(2)  #! E504"), says=("`tokens` makes tokens of a map",)),
    Bad("heads that do not divide", tokens("tokens -> attention(3)  #! E602"), says=("3 heads", "8 features")),
    Bad("heads that do not divide the width", tokens("tokens -> attention(3, dim=8)  #! E602"), says=("`dim`",)),
    Bad("four members", tokens("tokens -> ( it | it | it | it ) -> attention(2)  #! E404"), says=("one to three",)),
    Bad("a map among the members", tokens("( tokens | it ) -> attention(2)  #! E504"), says=("a map [8, 4, 6]",)),
    Bad("other windows", tokens("( tokens(2) | tokens(window=4x3) ) -> attention(2)  #! E502"), says=("[6] and [2]",)),
    Bad("a value for each key", tokens("tokens -> ( it | it | slice(1) ) -> attention(2)  #! E502"), says=("24 keys and 23 values",)),
    Bad("attention without heads", tokens("tokens -> attention  #! E204")),
    Bad("tokens of tokens", tokens("tokens -> tokens  #! E504")),
    Bad("windows that do not divide", tokens("tokens(window=3)  #! E602"), says=("axis 1", "`pad`")),
    Bad("windows are flat", tokens("tokens(window=2, flat=false)  #! E602")),
    Bad("untokens of a map", tokens("untokens(4, 6)  #! E504")),
    Bad("a window of three extents", tokens("tokens(2) -> untokens(4, 6, window=[2, 2, 2])  #! E602"), says=("3 extents", "2 spatial axes")),
    Bad("untokens without a size", tokens("tokens -> untokens  #! E602"), says=("a height and a width",)),
    Bad("untokens with a height alone", tokens("tokens -> untokens(24)  #! E602")),
    Bad("untokens with a class token", tokens("tokens -> class_token -> untokens(4, 6)  #! E602"), says=("a class token off",)),
    Bad("untokens of windows without them", tokens("tokens(2) -> untokens(4, 6)  #! E504"), says=("`window`",)),
    Bad("untokens with sizes it knows", tokens("tokens(flat=false) -> untokens(4, 6, flat=false)  #! E602")),
    Bad("a class token on a map", tokens("class_token  #! E504")),
    Bad("an initialiser of matrices", tokens("tokens -> position_embedding(init=orthogonal)  #! E601")),
    Bad("maps and tokens do not join", tokens("( tokens | it ) -> add  #! E502")),
    Bad("convolutions take maps", tokens("tokens -> conv(3, 3)  #! E504"), says=("`untokens`",)),
    Bad("an embedding is not shared between sizes", tokens("share p = position_embedding\np -> maxpool(2) -> p  #! E408")),
]


@each(GOOD)
def test_good(case: Good) -> None:
    accept(case)


@each(BAD)
def test_bad(case: Bad) -> None:
    reject(case)

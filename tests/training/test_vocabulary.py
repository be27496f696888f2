"""The vocabulary of the embedded model."""

from training.vocabulary import choose_pieces, emoji_names, make_tokenizer

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
PIECES = [*SPECIAL, "▁the", "▁release", "re", "lease", "▁", "t", "h", "e", "▁xqzjw"]
SCORES = [0.0] * 4 + [-3.0, -5.0, -6.0, -6.5, -4.0, -8.0, -8.0, -8.0, -9.0]


def test_pieces_of_texts_and_of_frequent_words() -> None:
    """Pieces are kept if they are frequent in the texts or in the lists of words; others are left out."""
    tokenizer = make_tokenizer(PIECES, SCORES, with_emoji=False)
    kept = [PIECES[i] for i in choose_pieces(tokenizer, ["release"] * 3 + ["xqzjw"], lambda _: {"the": 0.05})]
    assert kept[:4] == SPECIAL
    assert {"▁the", "▁release"} <= set(kept)
    assert "▁xqzjw" not in kept


def test_emoji_and_their_names_are_tokens() -> None:
    """An emoji and its names are single tokens, also without spaces around them; skin tones are dropped."""
    tokenizer = make_tokenizer(PIECES, SCORES)
    assert len(tokenizer.encode("the🎉:tada: 👍🏽", add_special_tokens=False).ids) == 4
    for character, names in emoji_names().items():
        assert {tokenizer.token_to_id(token) is None for token in (character, *names)} == {False}

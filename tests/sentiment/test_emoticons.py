"""Emoticons."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sentiment.emoticons import emoticons_to_emoji, has_emoticon
from bot.sentiment.text import has_no_content

READ = {
    "🙂": ":) :-) :))) =) (: (-: :] :-] :} :> :^) :o) :c) :3 [-: ^_^ (^_^) ^^ ^.^ (^o^) :‑)",
    "🙁": ":( :-( :((( =( ): )-: ]-: >-: :[ :-[ :< :-< :{",
    "😢": ":'( :'-( :’( )': )'-: )-': D-': ;( ;_; (;_;) ;-; T_T (T_T) T.T T^T :,( :,-( :~(",
    "😂": ":') :'-) (': ('-: :,)",
    "😠": "(╯°□°)╯︵┻━┻ >:( >:-( :@ >:[ >:o >:O ):< )-:< ]:< )-:{ D:<",
    "😕": ":/ :-/ :\\ :-\\ =/ :-s /-: \\-: :-.",
    "😐": ":| :-| |-: ._.",
    "😑": "-_- (-_-) -.-",
    "😣": ">.< >_< (>_<)",
    "😘": ":* :-* ;* *-: *-; *^: (-*",
    "😃": ":D :-D =D :DDD :-d =-d",
    "😆": "X-D x-D",
    "😖": "X-( x-(",
    "😵": "%-) (-%",
    "🤮": ":-###.. ..###:",
    "😒": ">_> <_< >.>",
    "😇": "O:-) 0:) o:-3",
    "🌹": "@>-->-- --<--<@ @}-;-'--- ---'-;-{@",
    "😉": ";) ;-) ;] (; [-; |;-)",
    "😛": ":P :-p =P >:p",
    "😮": ":o :-O",
    "💔": "</3 <\\3",
    "🙌": "\\o/ *\\0/*",
    "🤷": "¯\\_(ツ)_/¯",
}


@pytest.mark.parametrize(("emoji", "emoticons"), READ.items())
def test_emoticons(emoji: str, emoticons: str) -> None:
    """Common emoticons are content, and become an emoji of the same mood, alone or in a sentence."""
    for emoticon in emoticons.split():
        assert not has_no_content(emoticon), emoticon
        assert emoticons_to_emoji(f"{emoticon} well {emoticon}!") == f"{emoji} well {emoji}!"


@pytest.mark.parametrize(
    "text",
    [
        "x[:] = y[:3]",
        "for (;;) {",
        "a ? b :(c)",
        "=> or := or ::",
        "https://host or C:/",
        "Option D: at 10:3",
        "a) b) 8) done (see below):",
        "less than <3 ms",
        "100 %) and (50 %",
        "*) starred, ** bold **",
        "x-d and x-p, x - (y) or a[-1:]",
        "user@host.example --flag <-- here --> <--->",
        "def f(): {",
        "see option D: yes",
        "### Heading: ##",
        "x /= 2 and y \\= 3, 5 :, 6",
    ],
)
def test_no_emoticons(text: str) -> None:
    """Code, lists and times have no emoticons."""
    assert emoticons_to_emoji(text) == text


@pytest.mark.parametrize(
    "text", ["10:30-12:00", "8)", "a:3 10:3 4:30 1:,2", "5:$10", "->", "=>", ":=", "--", "() [] {}", "10/10", "..._..."]
)
def test_numbers_and_signs(text: str) -> None:
    """Numbers, times, arrows and brackets are no emoticons."""
    assert not has_emoticon(text)


@given(st.text(alphabet=":;=-^'oDPS3()[]{}<>/\\|*@_ .a\n", max_size=40))
def test_any_text(text: str) -> None:
    """Words and lines stay where they are."""
    assert emoticons_to_emoji(text).count("\n") == text.count("\n")
    assert emoticons_to_emoji(text).count("a") == text.count("a")

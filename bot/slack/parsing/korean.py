"""Korean phrasings of requests, as patterns of their words; a channel that is linked is ``the channel``."""

CHANNEL = "채널|대화방|방"
MESSAGE = "메시지|메세지|글"

_THIS = r"(?:이|그|저|지금(?: 보는| 보고 있는)?|현재) ?"
_NOUN = rf"(?:{_THIS}(?:{CHANNEL}|{MESSAGE}|대화)|the channel)(?: ?(?:은|는|이|가|의|을|를|에서?))?(?: 좀)?"
_MOOD = r"(?:분위기|감정|느낌|톤)(?:은|는|이|가)?"
_READS = r"어떻게 (?:읽혀|읽히나|읽히는지|들려|들리나|들리는지|느껴져|느껴지나|보여|보이나)(?:요|니)?"
_HOW = rf"(?:어때|어땠(?:어|나|는지)|어떤지|어떤가|{_READS})(?:요)?(?: (?:알려|말해) ?(?:줘|주세요|줄래))?(?:요)?"
_PLEASE = r"(?:줘|주세요|줄래|주실래요|주시겠어요)(?:요)?"
_ABOUT_ME = r"(?:나|저|내|제)(?:에| 메시지에)? ?(?:대해서?|대한|관해서?) "
_WHAT = r"(?:뭘|뭐를?|무엇을|(?:무슨|어떤) (?:정보|데이터)를?)"
_DO = r"(?:하고 있|했|하|해)(?:어|니|나|는지|습니까)?(?:요)?"

_THREAD = rf"(?:{_THIS})?(?:스레드|쓰레드)(?: ?(?:은|는|이|가|의|을|를|에서?))?(?: 좀)?"
_WENT = rf"(?:어떻게 (?:됐|되었|흘러갔|진행됐|진행되었|가고 있)(?:어|나|는지|지)?(?:요)?|{_HOW})"

THREAD = rf"{_THREAD}(?:(?: ?(?:{_MOOD}|흐름(?:은|이)?))? {_WENT}| ?(?:{_MOOD}|흐름)| ?(?:분석|확인)해 ?{_PLEASE})?"
"""The question how a thread went."""

READ = (
    rf"{_NOUN}(?: ?{_MOOD})? {_HOW}|(?:여기|{_THIS}(?:거|것|게))(?:의)? {_MOOD} {_HOW}"
    rf"|{_THIS}(?:거|것|게)(?:은|는|이)? {_READS}|{_NOUN} ?(?:분석|확인)해 ?{_PLEASE}"
)
STORED = (
    rf"(?:{_ABOUT_ME})?{_WHAT} ?(?:저장|보관|기록){_DO}"
    rf"|{_ABOUT_ME}{_WHAT} ?(?:알고 있|알아|기억하고 있)(?:어|니|나)?(?:요)?"
)
DRAFT = rf"(?:(?:이|내|제) ?)?초안(?:을)?(?: 좀)? ?(?:(?:확인|검토|점검|체크)해|봐) ?{_PLEASE}"
ANALYZE = rf"(?:(?:이|내|제) ?)?(?:텍스트|문장)(?:을|를)?(?: 좀)? ?(?:분석|분류)해 ?{_PLEASE}"

BY_NAME = rf"(?P<name>\S+) 채널(?:은|는|이|가|의)?(?: ?{_MOOD})? {_HOW}"
"""A request that names a channel without a link."""

"""Function words, such as "this" and "with", which say nothing about what people write about."""

_WORDS = """
about after all also although and any are aren't because been before being both but can can't cannot could
couldn't did didn't does doesn't doing don't down during each ever every few for from get gets getting got had has
hasn't have haven't her here hers him his how i'd i'll i'm i've into isn't it'd it'll it's its itself just let let's
many may me more most much must myself nor now off once one only onto other our ours out over own per quite
rather same shall she should shouldn't since some such than that that's the their them then there there's these they
they're this those though through too under until upon very was wasn't we'll we're we've were weren't what what's
when where which while who whom whose why will with within won't would wouldn't yet you you'll you're you've
your yours not never none nothing aber als auch auf aus bei bin bis das dass dem den der des die doch durch ein eine
einen einer für hat habe haben ich ihr ihre ist kann mal man mein mit nach noch nur oder schon sehr sein seine sich sie
sind und uns unser von vor war wenn werden wie wir wird zum zur über nicht kein keine keinen nie avec aux car ces cette
comme dans donc elle elles est
eux fait ils les leur mais mes mon nos notre nous ont par pas plus pour que qui ses son sont sur tout très une
vos votre vous ahora así aunque cada como con cuando del desde donde ella ellos entre era esa ese eso esta este esto
está están fue hasta hay las los más muy para pero por porque puede ser sobre también tiene una uno aos até com
depois dos ele ela eles essa esse eu foi isso mas meu minha muito nas pela pelo pode quando sem seu sua são
também tem uma você alla alle anche che come dal dalla degli della delle dei gli hanno nel nella non più quella
quello questa questo sono suo sul tra aan bij dan dat deze dit door een geen haar heb hebben heeft het hij hoe hun
ik kan maar met mijn naar nog ook onder ons onze uit van voor waar wat werd wij worden zal zich zijn att det
som och för med har jag men när på sig ska till vad var vi vid är için bir çok daha gibi kadar ama ile olan
olarak değil ale aby czy dla jak jest już lub oraz się tak tego ten tylko był być przez które który ada adalah
akan atau bisa dari dengan ini itu juga karena kita oleh pada sudah tidak untuk yang это как что для при или они она
его все так уже был была было быть есть если еще мне нас và các cho của được là một này những trong với 그리고
그런데 하지만 저는 제가 우리 우리는 이거 그거 정말 너무 많이 같아요 있는 있어요 하는 해요
"""
FUNCTION_WORDS = frozenset(_WORDS.split())
"""In lower case, of several languages that the embedded model reads."""

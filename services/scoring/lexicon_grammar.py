"""The small words of Ukrainian, Russian and English: what has no content by itself, asks, doubts, denies."""

FUNCTION = """
я ти ви він вона воно вони ми мене мені мною тебе тобі тобою вас вам вами його йому ним неї їй нею їх їм ними
нас нам нами себе собі собою свій своя своє свої свого мій моя моє мої мого моєї твій твоя твоє твої ваш ваша
ваше ваші наш наша наше наші нашого їхній цей ця це ці цього цьому цим цією цю цієї той та те ті того тому
тим тією ту тої такий така таке такі такого такому сам сама саме самі весь вся все всі всього всьому всіх
всім кожен кожна інший інша інше інші один одна одне і й а але або чи що щоб як коли де бо якщо то ж би б же
в у з із зі на по до від од за для про під над при через без між біля після перед крім не ні є був була було
були буде будуть бути буду будемо єсть там тут туди сюди тоді потім тепер вже уже ще також теж лише тільки
навіть майже дуже більш менш трохи трошки так ну от ось он хоча отже адже аби мов наче ніби аж геть мало
багато знов знову завжди ніколи інколи іноді часто можна може мочь ты вы она оно они мы меня мне мной тебя
тобой его ему им ей ее их себя свой свое свои мой мое мои твой этот эта это эти этого этому этим тот тем
такой такая такое такие всего всему всем всех каждый другой другая и или но что чтобы как когда где если бы
ли во с со из под между после об о ни есть был была было были будет будут быть туда сюда тогда потом теперь
еще также тоже лишь только даже почти очень более менее немного чуть вот вон хотя ведь снова опять всегда
никогда иногда можно может ещё хто який яка яке які якого чого чому скільки звідки куди навіщо кто какой
какая какое какие чего сколько откуда куда зачем почему
i me my mine you your yours he him his she her hers it its we us our ours they them their theirs this that
these those myself yourself itself who whom whose a an the and or but nor so if then than as of at by for
from in into on onto off out over under to up with without within about between through during before after
above below is am are was were be been being do does did done doing have has had having will would shall
should can could may might must not don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't
couldn't shouldn't haven't hasn't hadn't i'm you're he's she's they're i've you've we've they've ill you'll
well i'd you'd wed he'd shed that's there's here's let's what's just only even also too very much many more
most less least some any each every both either neither other another such own same again ever never always
often sometimes still yet already here there now when where why how what which while until because though
although get got getting go going goes went come came make made makes let want wants take took see saw say
said know think mean feel look looks looking thing things stuff way lot lots bit one two else
"""

QUESTION = """
хто що який яка яке які якого якій яким чому нащо навіщо скільки звідки куди коли як чи кто какой какая какое
какие какого почему зачем сколько откуда куда когда как хтось хто-небудь когось кому кого кто-нибудь кто-то
кто-небудь
who what which why how when where whose what's how's who's anyone anybody someone somebody
"""

VAGUE = """
щось якось якийсь якась якесь якісь якогось якоїсь десь колись чомусь хтось когось комусь кудись якийсь-то
щоб-то якнебудь як-небудь що-небудь який-небудь типу ніби наче начебто неначе вроде вроді мабуть напевно
можливо певно либонь здається схоже кажись якби раптом что-то чтото как-то какой-то какая-то какое-то
какие-то где-то почему-то кто-то что-нибудь как-нибудь наверное наверно возможно похоже кажется будто видимо
something somehow somewhat someone sometime somewhere anything anyhow maybe perhaps possibly probably
apparently seems seem seemingly might guess suppose kinda sorta whatever whichever
"""

NEGATION = """
не ні ані нема немає ніхто ніщо нічого ніде неможливо без перестав перестала перестало перестали нет ни нету
никто ничего нигде невозможно перестал
not no never none nothing cannot can't don't doesn't didn't isn't aren't wasn't won't wouldn't couldn't
haven't hasn't stopped unable without ain't
"""

# ruff: noqa: RUF001 - the words are Cyrillic on purpose
"""The small words of Ukrainian, Russian and English: what carries no content by itself, what asks, doubts, denies."""

FUNCTION = """
я ти ви він вона воно вони ми мене мені мною тебе тобі тобою вас вам вами його йому ним неї їй нею їх їм ними нас нам нами себе собі собою свій своя своє свої свого
мій моя моє мої мого моєї твій твоя твоє твої ваш ваша ваше ваші наш наша наше наші нашого їхній цей ця це ці цього цьому цим цією цю цієї той та те ті того тому тим тією ту тої
такий така таке такі такого такому сам сама саме самі весь вся все всі всього всьому всіх всім кожен кожна інший інша інше інші один одна одне
і й та а але або чи що щоб як коли де бо якщо то ж би б же в у з із зі на по до від од за для про під над при через без між біля після перед крім
не ні є був була було були буде будуть бути буду будемо є єсть там тут туди сюди тоді потім тепер вже уже ще також теж лише тільки навіть майже дуже більш менш дуже трохи трошки
так ну от ось он хоча отже адже аби мов наче ніби аж геть мало багато знов знову завжди ніколи інколи іноді часто можна може мочь
я ты вы он она оно они мы меня мне мной тебя тебе тобой вас вам его ему им ей ее их нас нам себя себе свой своя свое свои мой моя мое мои твой твоя ваш наш этот эта это эти этого этому этим тот та те
то того тому тем такой такая такое такие весь вся все всего всему всем всех каждый другой другая один одна
и или а но что чтобы как когда где если то же бы ли в во у с со из на по до от за для про под над при через без между после перед об о
не ни есть был была было были будет будут быть буду там тут туда сюда тогда потом теперь уже еще также тоже лишь только даже почти очень более менее немного чуть так вот вон хотя ведь снова опять всегда никогда
иногда часто можно может ещё
i me my mine you your yours he him his she her hers it its we us our ours they them their theirs this that these those myself yourself itself who whom whose
a an the and or but nor so if then than as of at by for from in into on onto off out over under to up with without within about between through during before after above below
is am are was were be been being do does did done doing have has had having will would shall should can could may might must
not dont doesnt didnt isnt arent wasnt werent wont wouldnt cant couldnt shouldnt havent hasnt hadnt im youre hes shes were theyre ive youve weve theyve ill youll well
id youd wed hed shed thats theres heres lets whats
just only even also too very much many more most less least some any each every both either neither other another such own same again ever never always often sometimes still yet already
here there now then when where why how what which while until because though although get got getting go going goes went come came make made makes let want wants take took see saw say said
know think mean feel look looks looking thing things stuff way lot lots bit one two else
the im
що хто який яка яке які якого чого чому скільки звідки куди де коли навіщо як
что кто какой какая какое какие чего сколько откуда куда зачем почему
"""

QUESTION = """
хто що який яка яке які якого якій яким чому нащо навіщо скільки звідки куди коли як чи
кто какой какая какое какие какого почему зачем сколько откуда куда когда как
who what which why how when where whose whats hows whos anyone anybody someone somebody
хтось хто-небудь когось кому кого кто-нибудь кто-то кто-небудь
"""

VAGUE = """
щось якось якийсь якась якесь якісь якогось якоїсь десь колись чомусь хтось когось комусь кудись якийсь-то щоб-то якнебудь як-небудь що-небудь який-небудь типу
ніби наче начебто неначе вроде вроді мабуть напевно можливо певно либонь здається схоже кажись якби раптом
что-то чтото как-то какой-то какая-то какое-то какие-то где-то почему-то кто-то что-нибудь как-нибудь наверное наверно возможно похоже кажется будто вроде видимо
something somehow somewhat someone sometime somewhere anything anyhow maybe perhaps possibly probably apparently seems seem seemingly might guess suppose
kinda sorta whatever whichever
"""

NEGATION = """
не ні ані нема немає ніхто ніщо нічого ніде неможливо без перестав перестала перестало перестали
не нет ни нету никто ничего нигде невозможно перестал перестала перестало перестали
not no never none nothing cannot cant dont doesnt didnt isnt arent wasnt wont wouldnt couldnt havent hasnt stopped unable without aint
"""

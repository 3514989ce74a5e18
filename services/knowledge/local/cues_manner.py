"""How a sentence is meant: `hearsay`, `hypothetical`, `joke`, `unsure`."""

CUES = {
    "hearsay": {
        "strong": """
// uk, ru
кажуть|говорят|подейкують|поговаривают
ніби|нібито|якобы|мовляв|начебто|типа
чув|чула|чули|слышал|слышала|слыхал від|что|що|як|от|ніби|краєм
десь|где-то читав|читала|чув|чула|бачив|читал|читала|слышал|видел
чутки|слухи|плітки|сплетни
не знаю|впевнений|впевнена|факт|уверен|уверена|точно чи|ли|що|что|правда
за чутками
хтось|кто-то казав|сказав|говорив|говорил|сказал
але|но це|это не точно|факт
// en
heard from|that|they|someone|rumours|rumors|some
hear|hearing that
rumour|rumours|rumor|rumors|gossip
apparently|allegedly|supposedly
someone|somebody said|told|mentioned|claims
they say
could be nonsense|nothing|wrong|bs
read somewhere
not sure|confirmed if|though|yet|it
word is
""",
    },
    "hypothetical": {
        "strong": """
// uk, ru
якби
якщо|коли б
було|был|была|было|були|были би|б|бы
б|би|бы краще|можна|хотів|хотіла|варто|хотел|хотела|можно|подивився
колись|когда-нибудь|коли-небудь
уяви|уявіть|уявляєте|представь|представьте
если бы
мріяти|мечтать|мрію|мечтаю|мріяв
// en
if only
if we|i|it|they had|were
would have
would be|love|like
one day|someday
imagine
wish
dream of
might as|be|have
""",
    },
    "unsure": {
        "plain": """
здається|мабуть|напевно|можливо|ймовірно|наче|кажется|наверное|возможно|вроде|видимо
не впевнений|впевнена|уверен|уверена|знаю|пам'ятаю|помню
maybe|perhaps|probably|possibly|likely
not sure
i think|guess|suppose|believe
""",
    },
    "joke": {
        "strong": """
// laughter and what is said with it; a real matter outweighs it
аха*|хаха*|ахах*|азаза*|ржу*|лол|кек|lol|lmao|rofl|haha*|hehe*|хехе*|хіхі*|гг|xd|хд
^ ага звісно|звичайно|конечно|щас|розмріявся|розмріялась
^ ну звісно|звичайно|конечно|да|так
^ sure and|because
класика|классика жанру|жанра|$
геніально|гениально|genius
^ ага .. давай|давайте|скинемось|ще|еще
ми ж тут
мы же тут
медаль|нобелівку|нобелевку|medal
цирк|клоун|змова|заговор|магія|магия|haunted|cursed
єдиноріг|единорог|unicorn
не баг|bug а|це|это|it|but|it's фіча|фича|feature
весело|смішно|смешно живем|живемо|им|їм
питання|вопрос|question дня|життя|жизни|of
""",
        "plain": """
жарт|жартую|шутка|шучу|joke|joking|kidding
хто|кто|who ж|бы|would знав|міг|знал|мог|have
what could possibly
romantic*|романтика
""",
    },
    "reversal": {
        "strong": """
// a decision that takes the place of an earlier one
передумали|передумав|передумала|передумал|перерішали|перерешали|переграли|переиграли
відбій|отбой|скасовано|отменено|скасовуємо|отменяем|відміняється|отменяется
замість|вместо .. попереднього|прежнего|старого
більше не|больше .. <1pl>
changed my|our mind
reversing|reversed|scratch|scrap that|this|it
never mind
on second thought|thoughts
лишаємо|оставляем|повертаємо|возвращаем старий|стару|старе|як|как|старый|старую
дата змінюється|меняется
переносимо|переносим|перенесено з|с
actually no|not
""",
    },
}

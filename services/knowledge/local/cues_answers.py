"""How one message meets another: `agreement`, `refusal`, `proposal`, `works` (a fix holds), `question`."""

CUES = {
    "agreement": {
        "strong": """
// uk, ru
^ прийнято|принято|погоджено|домовились|домовилися|договорились|згода|по руках|вирішено|решено
^ погоджую|погоджуюсь|погоджуюся|підтримую|затверджую|схвалюю
^ приймається|приймаємо|одобряю|поддерживаю|утверждаю|согласен|согласна
^ згоден|згодна|згодні|за $
^ так і|и робимо|зробимо|делаем|сделаем|запишемо|запишем|вирішимо|буде
так і|и робимо|зробимо|делаем|сделаем|запишемо|запишем|решим
^ робимо|зробимо|делаем|поїхали|давай|давайте|роби|робіть|делай|делайте $
^ добре|ок|гаразд|окей|ладно|хорошо|ok|okay|fine робимо|беремо|роби|робіть|давай|давайте|делай
^ добре|ок|гаразд|окей|ладно|хорошо|ok|okay|fine делаем|так|тоді|тогда|do|then|go|let
^ візьму|зроблю|беру|сделаю|возьму $
// en
^ agreed|approved|deal|settled|works|done
^ agree|accepted|confirmed|seconded
^ let us do|go
^ do it|that
^ go for|ahead|with
^ sounds good|great|right|like
^ yes|yep|yeah|ok do|let|go|please
works|fine|good for|with|by me
good plan|idea|call
""",
        "plain": """
^ <number> $
^ так|да|yes|yep|yeah|ок|ok|okay|добре|гаразд|хорошо|ладно|sure|окей|ага $
^ прийнято|принято|понял|зрозуміло $
дякую|спасибо|thanks|thank за|for рішення|решение
саме так|exactly|точно $
""",
    },
    "refusal": {
        "strong": """
// uk, ru
^ ні|нет|неа|nope|no|nah
^ не вийде|получится|підходить|подходит|варто|стоит|треба
^ не надо|можна|погоджуюсь|згоден|згодна|согласен|согласна
проти|против $
не встигнемо|встигаємо|успеем|успеваем|потягнемо|потянем
погана|плохая ідея|идея
// en
^ not thrilled|convinced|sure|really|happy|worth|going
bad idea
do not agree|like|think|love
will not work|fly|fit|happen
would rather
""",
    },
    "proposal": {
        "strong": """
// uk, ru
пропоную|пропонуємо|предлагаю|предлагаем|пропозиція|предложение
^ давайте|давай
давайте|давай <1pl>
^ може|можливо|может <1pl>
^ може|может .. <infinitive>
а|що|что якщо|если
а|чи|ли може|может|можна|можно
було|было б|бы краще|добре|варто|лучше|хорошо|класно|круто|неплохо
варто|варто б|стоит|стоило <infinitive>
// en
suggest|propose|proposal
how|what about
what if
why not|do
should|could|can we
maybe we|i|use|try|just
we|i could|might
shall we
would be nice|great|good|cool|better
""",
    },
    "works": {
        "strong": """
// uk, ru: seen to hold
усе|все|всі|всё працювати|сходитися|зійшлося|ціле|цілі|чисто|зелене|добре
усе|все|всі|всё долетіло|долетіли|норм|в|у|пройшло|работает|сошлось
підтверджую|подтверждаю|підтверджено|подтверждено
^ працює|працюють|работает|работают|спрацювало|сработало|запрацювало|заработало|завелося|завелось
перевірив|перевірила|перевірили .. працювати|работать|добре|норм|ок|чисто|сходиться|долетіли
проверил|проверила|проверили .. працювати|работать|добре|норм|ок|чисто|сходиться|долетіли
проблема|питання|вопрос закрито|закрита|закрыта|вирішена|вирішено|решена|решен
в|у нормі|норме|порядку
тести|тесты|тест зелений|зелені|зеленый|зеленые|пройшли|прошли|проходить|проходят
// en
verified|confirmed
works|working now|again|fine|for|as|on|from
all open|green|good|pass|passed|passing|clean|fine|healthy
tests|test|build are|is|pass|passed|green
back to normal
closing the|this|it
no more <en>
^ tested|retested
""",
    },
    "question": {
        "strong": """
// asked without a question mark
^ хто|що|де|коли|чому|навіщо|скільки|який|яка|яке|які|як|куди|звідки
^ чи|кто|что|где|когда|почему|зачем|сколько|какой|какая|какие|как|куда|откуда
хто-небудь|хтось|кто-нибудь|кто-то знає|в|бачив|знает|видел|стикався|сталкивался
не розумію|понимаю як|чому|що|как|почему|что|куди
цікаво|интересно чи|як|чому|ли|как|почему|скільки
підкажіть|підкажи|подскажите|подскажи
питання|вопрос
питає|питають|питав|питала|запитує|спрашивает|спрашивают|спросил|спросила
// en
^ who|what|where|when|why|how|which|is|are|does|do|can|could|should|did|has|have|will|would
anyone|anybody|somebody know|seen|tried|have
wonder|wondering
question
ask|asks|asking|asked
""",
    },
    "reported": {
        "strong": """
// somebody's question, told
питає|питають|питав|питала|питали .. чи|як|коли|скільки|де|хто|що|чому
запитує|запитують|спитав|спитала|цікавиться|цікавляться .. чи|як|коли|скільки|де|хто|що|чому
спрашивает|спрашивают|спросил|спросила|спросили|интересуется .. ли|как|когда|сколько|где|кто|что|почему
питає|питають|запитує|спрашивает|спрашивают .. <verb>
ask|asks|asked|asking|wonder|wonders|wondering .. if|whether|how|when|why|where|who|what
питання|вопрос|question чи|як|як|чому|как|почему|how|whether|why
""",
    },
    "choice": {
        "strong": """
// what a question is about: something to be settled, not something to be known
хто|кто|who <verb,future>
хто|кто|who .. буде|будет|will|should|does|owns
<1pl>
^ коли|когда|when <verb,future>
коли|когда|when .. <1pl>
котрій|котором
do|should|shall|can|could|are we
hold|keep|ship|wait .. or
що|что|what робити|делать|казати|відповідати|отвечать|говорить|do
куди|куда|як|как <infinitive>
чи|ли <infinitive>
чи|або|or|или .. <infinitive>
""",
    },
}

"""Words that carry grammar and no matter: never a keyphrase, never what two texts have in common."""

UKRAINIAN = """
пір цих досі сих і й та а але або чи що щоб як якщо якби бо тому через при про на у в з зі із до від по за
для без над під між перед після біля крім замість серед проти не ні ж же би б то так там тут де коли куди
звідки хто кого кому чим це цей ця цього цьому цим цю ці цими той те тієї того тим ту ті тих тими такий така
таке такі такого такої таких таким свій своя своє свої свого своєї своїх свою сам сама саме самі весь вся
все всі всього всіх всім усе усі усіх усім усього всю я мене мені мною ти тебе тобі тобою він його йому ним
вона її їй нею воно вони їх їм ними ми нас нам нами ви вас вам вами мій моя моє мої мого моєї моїх мою твій
твоя твоє твої твого наш наша наше наші нашого нашої наших нашу нашому ваш ваша ваше ваші вашого ваших їхній
їхня їхнє їхні їхнього їхніх який яка яке які якого якої яких якому яку яким кожен кожна кожне кожного
кожної інший інша інше інші іншого іншої інших іншому один одна одне одні одного одної двоє обидва обидві є
був була було були буде будуть бути буду будемо немає нема вже ще уже тільки лише навіть теж також знову
дуже майже десь якось хоч хоча хай нехай ось от ну ага ок окей та-ак може можна треба потрібно слід варто
має маю маємо мають мати міг могла могли можуть можемо можу просто зараз сьогодні вчора завтра потім тоді
спершу спочатку раніше пізніше скоро щойно ніби наче мов тобто отже значить взагалі звичайно мабуть напевно
здається скільки стільки багато мало більше менше чому навіщо ніхто ніде ніколи нічого нічим хтось щось
якийсь якась якесь деякі будь-який раз рази разів разом сюди туди далі назад добре погано дякую привіт будь
ласка тисяч тис хв год сек грн день дня дні днів ранок вечір година годин години хвилин хвилини тиждень
тижня тижнів місяць місяця понеділок вівторок середа середу четвер п'ятниця п'ятницю субота суботу неділя
неділю січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
"""
RUSSIAN = """
пор сих и но или что чтобы если ибо потому из от о об обо со ко во нет ведь уже ещё еще только лишь даже
тоже также опять очень почти это этот эта эти этого этой этом этих эту тот той тех том такой такая такое
такие такого свой своя своё свои своего своей своих весь всё всего всех всем меня мне мной тебя тебе он его
ему она её ее ей оно они их им мы нас нам вы вас вам мой моя моё мои моего твой твоя твои наш наша наше наши
нашего нашей наших ваш ваша ваши который которая которое которые которого которой которых каждый каждая
каждое другой другая другое другие другого других один одна одно есть был была было были будет будут быть
буду будем надо нужно можно нельзя может могут можем могу хотя пусть вот просто сейчас сегодня вчера завтра
потом тогда сначала раньше позже скоро как-то где когда куда откуда кто кого кому чем там тут здесь почему
зачем никто ничего кто-то что-то какой какая какие сколько столько много мало больше меньше для без над под
между перед после около кроме вместо при через про раз раза вместе сюда туда дальше хорошо плохо спасибо
привет пожалуйста день дня дней утро вечер час часа часов минут минуты неделя недели месяц понедельник
вторник среда среду четверг пятница пятницу суббота субботу воскресенье января февраля марта апреля мая июня
июля августа сентября октября ноября декабря вообще конечно наверное кажется значит итак
"""
ENGLISH = """
behind beside beyond across along among near toward towards upon onto inside outside alone together ago away
ahead apart forward a an the and or but if then else so as of at by for with about against between into
through during before after above below to from up down in out on off over under again further once here
there when where why how all any both each few more most other some such no nor not only own same than too
very can will just should now i me my we our us you your he him his she her it its they them their what
which who whom this that these those am is are was were be been being have has had having do does did doing
would could may might must shall let 's also already still yet even ever never always well ok okay yes yeah
yep nope hi hello hey thanks thank please today yesterday tomorrow monday tuesday wednesday thursday friday
saturday sunday january february march april june july august september october november december day days
week weeks month months year years hour hours minute minutes morning evening night noon pm one two three
four five six seven eight nine ten first second last next get got getting gets go goes going went gone come
came make made take took put thing things something anything nothing someone anyone nobody everyone bit lot
lots really actually maybe probably because since while until though although however instead without within
per via etc btw fwiw imo like want need know think see say said tell told new old good bad fine sure right
way back much many less least enough around regardless anyway unless whether whatever whoever besides
otherwise
"""
FUNCTION = frozenset(f"{UKRAINIAN} {RUSSIAN} {ENGLISH}".split())

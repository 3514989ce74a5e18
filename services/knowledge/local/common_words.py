"""Words of matter that are too general to name a topic."""

_GENERAL = """
понеділок вівторок середа четвер п'ятниця субота неділя понедельник вторник среда четверг пятница суббота
воскресенье січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь рука голова око глаз плюс
мінус минус ones початок нога сила увага внимание користь користувач привід річ штука питання проблема
рішення раз день час година людина люди хлопець дівчина колега колеги частина кінець місце варіант спосіб
сенс справа випадок приклад думка ідея слово ціль мета робота діло кількість число сума процес результат
факт причина момент крок бік сторона вигляд вид тип рівень ряд половина третина чверть штук шматок пара
решта більшість новина умова вечір ніч ранок тиждень місяць рік завтра сьогодні вчора друга перша ура привіт
дякую бачення нормально один кожний різний інший такий самий весь цілий сам потрібний можливий готовий
добрий поганий гарний зараз вещь вопрос решение человек время место вариант способ смысл дело случай пример
мысль цель работа количество шаг уровень треть четверть остальное большинство новость условие ночь неделя
месяц год каждый разный другой такой самый целый нужный возможный готовый хороший плохой thing stuff way lot
kind sort part case example idea point question answer problem issue solution decision time day week month
year people person guy team someone place number amount rest half third side bit everything anything nothing
something reason morning evening night today tomorrow yesterday monday tuesday wednesday thursday friday
saturday sunday new old big small last next other same different good bad great nice best better full whole
ready own able available such many much few several only just also again still now then there here please
thank hi hello btw fwiw lol любий любой шановний уважаемый дорогий дорогой бракованный бракований нормальный
нормальний клієнт клієнтка клиент client customer none both конкретний конкретный точний точный
знайомий незнайомий увесь
останній наступний попередній перший другий третій
последний следующий прошлый первый второй третий важливий важный повний полный простий простой круг коло
"""
COMMON = frozenset(_GENERAL.split())
"""Dictionary forms."""

_ADJECTIVES = """
новий старий великий малий головний новый старый большой маленький главный
"""
PLAIN_ADJECTIVES = frozenset(_ADJECTIVES.split())
"""Adjectives that add little to a name."""

_VERBS = """
be have do go get make take give come see find think tell say know keep leave lose send bring catch choose
break fall feel begin hold hide hit pay lay meet mean need read rise sell show speak spend stand stick teach
throw understand wake wear win use try ask work seem look want help start stop turn move live believe happen
include continue set learn change lead follow create add allow offer remember consider appear buy wait serve
die expect build stay reach kill remain suggest raise pass require decide pull agree approve drop pick ship
fix patch check confirm verify measure count compare handle treat store fetch push merge rename rewrite
rework replace remove delete enable disable install upgrade update restart reboot run rerun fail crash hang
freeze return accept reject refuse bounce deny let put cut shut hope guess suppose like love hate wish
wonder cover cost last land slip wrap point apply call contain depend exist explain fit force guarantee hear
ignore insist notice open close own prefer prevent promise provide reckon rely save solve support survive
tend touch trigger wins works sits sit lives
"""
ENGLISH_VERBS = frozenset(_VERBS.split())
"""Words that end no name: mostly verbs. Some could be nouns; what is lost is less than what is spared."""

"""What a message worth keeping says: what happened, was decided, is asked for or is due."""

PROBLEM = """
помилк* проблем* баг баги бага багу багів багом багами багфікс* збій збої збоїть збою збоїв аварі* інцидент*
критичн* блокер* блокує блокують заблок* зламал* зламав* зламан* поламан* поламал* поламав* зависа* завис
зависл* падає падають впав впала впало впали ліг лягла лягло лягли лежить лежать крашить* крашит* крашн*
глючить глюк* лагає тормозить гальмує тупить барахлить дубл* втрат* втрача* загубил* пропал* пропад* зника*
зникл* витік* витік витоку витіка* вразлив* уразлив* діра зламали взлом* відвалил* відвалюєт* відвалю* скарж*
скарг* затрим* простроч* прострочен* зрив зриваєт* ризик* конфлікт* відмов* некоректн* невірн* неправильн*
перевитрат* вичерпа* згорі* переповнен* битий биті побит* пожеж* аварійн* недоступн* штраф* борг* заборгован*
недостач* брак звільня* захвор* погано горить пропущен* застряг* застряв* недопрацьован* терміново терміновий
термінова термінове фейл* фейлит* зафейл* ошибк* сбой сбои сбоит авари* инцидент* блокир* сломал* сломан*
поломан* падает падают упал упала упало упали лег легла легло лежит лежат висит завис* глючит тормозит лагает
тупит теря* потер* пропада* исчез* утечк* уязвим* отвалил* отвалива* жалу* жалоб* задержк* просроч* срыв*
риск* конфликт* отказ* некорректн* неверн* переполнен* долг* горит застрял* срочно срочный затопил* затоп*
знищен* поломк* ремонт* відключен* відключат* отключен* відсутн* отсутств* ламаєт* ламают* ломает* ломают*
порожній порожня порожнє пуста пустий пустой убивает вбиває зʼїдає жере подвійн* двічі дважды скомпрометован*
error errors erroring bug bugs buggy issue issues problem problems fail fails failed failing failure failures
crash crashes crashed crashing broken break breaks breaking broke down outage outages incident* hang hangs
hanging hung stuck freeze freezes frozen froze leak leaks leaked leaking corrupt corrupts corrupted
corruption lost loses losing loss missing timeout timeouts regression regressions vulnerab* exploit* exposed
exposing insecure breach* malformed invalid duplicate duplicates duplicated deadlock* race flaky slow
slowdown overload* exhausted bottleneck* block blocks blocked blocker blockers blocking conflict conflicts
unable wrong incorrect inconsistent unexpected denied forbidden rejected refused unreachable unavailable
complain complains complaining complaint complaints overdue delayed delay delays risk risks violat* expired
expires degraded degradation spike spikes spiking stale orphan* inaccurate misconfigured undefined panic oom
urgent urgently asap critical severe wiped attack attacker* throttl* flooding flooded undocumented unstable
limitation limitations workaround* hotfix* troubleshoot* segfault* mismatch* overflow* unresponsive silently
inefficient suspicious compromised ruined damaged injured illegal stock-out missed
"""

WORKS = """
працює працюють працюватиме працював працювала працювало запрацю* відкрива* проходить проходять пройшл*
прийшл* приходить приходять приходят вантажиться вантажить завантаж* запускаєт* запуска* збираєт* стартує
відповідає відображаєт* зберігаєт* бачить оновлюєт* підключаєт* відправляєт* надсилаєт* логіниться пускає
тягнеться тягне синхрон* показує рендериться встиг* встига* зійшл* сходит* вистача* підніма* грузиться
работает работают работал работала работало открыва* проходит проходят приходит пришл* грузится загружа*
собирает* стартует отвечает отобража* сохраня* видит обновля* подключа* отправля* пускает успева* хватает
допомогло допомагає допоміг помогло помогает помог
work works worked working load loads loading open opens start starts starting respond responds render renders
connect connects save saves sync syncs compile compiles build builds update updates show shows trigger
triggers fire fires receive receives send sends match matches support supports handle handles scale scales
right correct helps help helped
"""

DECISION = """
рішення виріш* домов* погод* ухвал* прийнят* затверд* узгод* обрал* обираємо обрано беремо візьмемо відмовля*
відмовил* переходимо переїжджа* переїха* перенос* перенес* відклада* відклал* скасов* скасув* зупин* стартує*
починаємо запускаємо підсум* висновк* висновок правило правила вимог* зобов* підпис* лишаємо залишаємо
робитимемо мерджимо деплоїмо релізимо релізим ставимо використовуватимемо зупинились зупинилися забороня*
заборон* дозвол* пріоритет* відтепер віднині домовленіст* решен* решил* договор* соглас* утверд* приняли
выбра* берем возьмем отказ* переходим переезжа* отклад* отлож* отмен* останав* итог* вывод* требован* обяза*
подпис* оставляем мержим деплоим релизим запрещ* разреш* приоритет* постанов* нагад* напомин* увага оголошен*
обʼявлен* объявлен* важливо обовʼязков* обязательн* скомпрометован*
decided decide decides decision decisions agreed approve approves approved approval conclude concluded
conclusion resolved chose chosen choose picking picked adopt adopted adopting settled finalized finalised
confirmed cancel cancelled canceled postpone postponed reschedul* deprecat* enforc* mandatory policy policies
signed committed verdict outcome takeaway takeaways consensus accept accepted ratified standardiz*
standardis* proceed proceeding drop dropping ship shipping dropped announcement announcing reminder notice
attention important agenda
"""

ACTION = """
додав* додал* додат* додає* додам* додас* додан* доробит* доробив* доробил* зробив зробила зробили зробити
зроби зробіть зроблено робимо виправ* пофікс* фіксит* фікс фікси фіксн* полагод* полаго* оновив* оновил*
оновит* оновлен* оновлюєм* оновлення перероб* перепис* рефактор* відкотил* відкочу* відкот* викотил* викоч*
викат* задепло* деплой* депло* деплої* залив* залил* залит* замердж* змердж* мердж* злив* запуст* запущ*
перезапуст* налашту* підключ* підня* піднім* перевір* протест* створ* видал* прибра* прибер* заміню* заміни*
перевед* перевел* мігру* перенест* впровад* реаліз* інтегру* збільш* зменш* прискор* оптиміз* обмеж* увімк*
вимкн* ввімк* обнов* підготу* готуємо надісл* надішл* відправ* опублік* передат* переда* отрим* оплат* сплат*
купит* купил* замов* найня* наймаєм* найм* шукаємо планує* плануєм* заплан* розроб* пишемо напис* почистив*
очист* скинув* переїзд* змінен* змінив* змінил* зміню* змінит* змін зміни зміна зламати запропон* пропону*
закрит* закрил* закрив* відкрити* відкрил* порах* виміря* заміря* знайш* знайд* виявил* виявлен* розібра*
розібрат* погодит* задокумент* обговорю* обговорен* дискус* перехід* покращ* перевод* добав* сдела* испр*
пофикс* фикс* почин* передел* откат* выкат* замерж* смерж* настро* подключ* подня* подним* проверил*
проверит* созда* удал* убра* замен* перевест* мигр* внедр* реализ* интегр* увелич* уменьш* ускор* оптимиз*
огранич* включ* отключ* подготов* отправ* опублик* получ* куп* заказ* наня* нанима* ищем планир* разработ*
пишем почист* предлож* предлаг* закрыл* открыл* замер* нашел нашл* найден* выясн* разобрал* обсуждае*
дискусс* переход* улучш* сдаем сдать сдат* закінчив* закінчил* закінчуєт* кончил* закончил* допомогло допоміг
допомогла помогло помог спробуй спробуйте попробуй попробуйте шукаю ищу збираємо собираем зустріне заповнит*
заповн* сканцел* канцел* потест* затест* чекн* юзат* юзає* юзаєм* запуш* пуш* апдейт* засетап* скіпн* реверт*
ребейз* закомі* підтягн* збілд* розгорн* розверн* потести* запушить сбилд* раскат* развернут* подтян* чинит*
чинили переводим зібрат* зберіть купуєм* продаєм* продал* здаєм* здат* здамо перенести
add adds added adding fix fixes fixed fixing implement implements implemented implementing implementation
update updated updating upgrade upgrades upgraded upgrading refactor* rewrite rewrote rewriting rewritten
replace replaced replaces replacing remove removed removes removing rollback* revert reverts reverted
reverting roll rolled rolling deploy deploys deployed deploying merge merges merged merging release releases
released releasing launch launched launching migrate migrates migrated migrating migration migrations move
moved moving switch switched switching split splitting configure configured configuring configuration enable
enabled enabling disable disabled disabling set sets setting increase increased increases increasing reduce
reduced reduces reducing reduction decrease decreased improve improved improves improving improvement
improvements optimiz* optimis* speed cache cached caching batch batching validate validated validates rename
renamed run runs ran install installed installing uninstall create created creates creating delete deleted
deletes deleting build built shutdown shut kill killed killing kills debate test tested benchmark benchmarked
measured measure investigated investigate debug debugged found finding discovered discover realized realised
noticed observed identified traced restored restore restoring restart restarted reset rotate rotation rotated
provision provisioned prepare prepared preparing write wrote written document documented publish published
propose proposed proposes proposing proposal suggest suggested suggesting suggestion recommend* consider
considering considered plan planned planning schedule scheduled introduce introduced introducing support
supporting integrate integrated integrating extend extended limit limited hire hired hiring onboard
onboarding pay paid invoice invoiced negotiate negotiated buy bought purchase purchased order ordered deliver
delivered delivering change changed changes changing bump bumped pin pinned patch patched extract extracted
convert converted handle handled handling store stored storing process processed processing complete
completed finished finish discussed discussing research researched compare compared comparing evaluate
evaluated evaluating adjust adjusted verify verified require required requires requiring allow allowed allows
allowing prevent prevents preventing avoid exceed exceeds return returns returning throw throws throwing
raise raises using use used uses apply applied expose cause causes caused causing generate generated helped
solved solves solving solution try rebase rebased push pushed pull pulled cherry-pick clone cloned scale
scaled book booked reschedule arranged sell sold
"""

REQUEST = """
треба потрібно потрібен потрібна потрібне потрібні необхідно слід варто має мають мусить мусимо мусять
повинен повинна повинні прошу просить просять попрос* будьласка зробіть перевірте перевір гляньте глянь
подивіться подивись скиньте скинь надішліть надішли дайте дай допоможіть допоможи підкажіть підкажи підказати
нагад* нагадую нагадайте забудьте підготуй підготуйте відпишіть напишіть напиши давайте давай пропоную
пропонуємо хочемо хоче хочуть хотіл* майте врахуйте увага важливо зверніть заповніть оновіть поставте постав
запустіть запусти передай передайте можеш можете поревю* поревʼю* надо нужно нужен нужна нужны необходимо
следует стоит должен должна должны просят просит сделайте сделай проверьте проверь посмотрите посмотри
пришлите пришли помогите помоги подскажите подскажи подсказать напомин* напомн* подготовь подготовьте
предлагаю хотим хочет хотят важно внимание имейте учтите заполните поставьте можешь
need needs needed must please pls plz should require requirement requirements required request requests
requested requesting remember remind reminder ensure ask asks asked asking asap help review let's want wants
wanted todo action heads-up headsup note attention important propose suggest recommend
"""

CAUSE = """
бо через тому оскільки причин* виявил* виявляєт* внаслідок завдяки інакше якщо тоді отже замість порівняно
ніж краще гірше швидше повільніше після щоб тимчасово потому поэтому поскольку выясн* оказал* вследствие
благодаря иначе если вместо сравн* чем лучше хуже быстрее медленнее после чтобы временно
because since cause caused causes due reason reasons therefore otherwise instead versus vs compared faster
slower better worse root rather unless if when after before so hence currently per without
"""

STATUS = """
працюю працюємо дивлюсь дивлюся дивимось перевіряю перевіряємо розбираюсь розбираюся гляну дивився дивилась
подивлюсь подивлюся спробую спробував спробувала спробувати пробую намагаюсь намагаюся робиться готово
готовий готова майже залишилось лишилось чекає поки пізніше потім встигаю встиг поясню розкажу уточню
уточнення дізнаюсь питання запитати спитати запитуємо попросити допомога допоможе обговоримо обговорити
обговорим подумати думаю подумаю розумію розумів зрозуміти знаю знає памʼятаю бентежить сумніваюсь складно
складнувато дивне дивно дивні дивна незрозуміло актуально потребує спробуємо раджу цікава прихворів захворів
лікарн* запізнюся запізнююсь запізнюсь підключусь відійду лінк посилання стаття статтю доступ доступи
подобається смотрю проверяю разбираюсь посмотрю попробую попробовал делаю готов почти осталось позже потом
жду пока объясню расскажу вопрос спросить помощь обсудим обсудить подумать понимаю понять помню странное
странно непонятно сложно сталкивался ссылка статья доступы происходит закончил запутал* недоступний
недоступна недоступен нюанс нюанси нюансы загалом целом пробував пробовал юзає починилось спочатку сначала
пояснити обʼяснить объяснить лікарняному больничном
working looking checking testing investigating trying tried figuring figure experimenting making progress
almost close track stuck dealing wip pending waiting soon later tomorrow check discuss discussing
clarification clarify unclear confused confusing confusion lost weird strange odd unusual different familiar
similar normal expected question questions wondering wondered wonder idea ideas thought thoughts opinion
approach issue problem help helpful useful interesting article link explain revisit happens happened
happening reminds remember seen found connected involves regarding concerning relation meeting sync status
ready review ping understood tricky complicated exploring option options answer solution try related
mentioned share late standup unavailable nuance nuances mixed results depends
"""

DEADLINE = """
сьогодні завтра післязавтра вчора ввечері вечора зранку понеділок понеділка понеділку понеділком вівторок
вівторка середа середу середи четвер четверга пʼятниця пʼятницю пʼятниці субота суботу суботи неділя неділю
неділі тиждень тижня тижні тижнів місяць місяця місяці місяців квартал кварталу рік року років днів дні годин
години годину хвилин хвилини секунд дедлайн* термін* строк* кінця спринт* спринта щодня щотижня щомісяця
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня годині ранку ночі
сегодня послезавтра вчера вечером утра понедельник понедельника вторник вторника среда среду среды четверг
пятница пятницу пятницы суббота субботу субботы воскресенье воскресенья неделя неделю недели недель месяц
месяца месяцев квартал* год года лет дней часов часа час минут минуты срок* конца ежедневно еженедельно
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
today tonight tomorrow yesterday monday mondays tuesday wednesday thursday friday saturday sunday week weeks
month months quarter quarterly day days hour hours minute minutes min deadline deadlines due eod eow eom eta
sprint sprints daily weekly monthly january february march april june july august september october november
december jan feb mar apr jun jul aug sep sept oct nov dec utc gmt morning q1 q2 q3 q4
"""

PHRASES = {
    "problem": """
out of stock
не буде
не будет
немає доступу
нема доступу
нет доступа
no access
жодної відповіді
not happy with
isn't happy with
out of memory
out of disk
too slow
too many
not found
data loss
single point of failure
all or nothing
didn't help
does not work
is down
went down
went wrong
goes wrong
пішло не так
щось не так
не так
не то
что то не так
""",
    "deadline": """
після обіду
по обіді
до обіду
до ранку
до вечора
до кінця дня
до конца дня
после обеда
до обеда
до вечера
до утра
end of day
end of week
end of month
by tomorrow
next week
next month
next sprint
last night
this morning
this afternoon
""",
    "status": """
looking into
not sure
no idea
take a look
have a look
let us discuss
let's discuss
need help
come back to
check this
check this out
see this
found this
read this
should see
better way
right approach
right track
good read
worth reading
я думаю
не впевнений
не впевнена
треба подумати
не знаю
не розумію
глянь це
не уверен
не знаю
не понимаю
надо посмотреть
""",
    "cause": """
тому що
через те що
справа в тому
проблема в тому
проблема була в тому
виявилося що
виявилось що
потому что
дело в том
из за
due to
so that
turns out
turned out
root cause
as a result
in order to
instead of
caused by
""",
    "decision": """
looking for
we are hiring
were hiring
шановні мешканці
шановні колеги
шановні батьки
уважаемые коллеги
уважаемые жильцы
довожу до відома
прошу врахувати
до уваги
going with
go with
went with
moving forward
from now on
we will
we agreed
let us use
no longer
на майбутнє
ставимо крапку
з понеділка
от и решили
больше не
""",
    "request": """
have to
has to
heads up
make sure
do not forget
don't forget
keep in mind
майте на увазі
беріть до уваги
зверніть увагу
не забудьте
имейте в виду
не забудьте
обратите внимание
""",
}

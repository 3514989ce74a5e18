"""What people talk about beside the work: food, weather, weekends, pets, games, holidays, good wishes.

Each word weakens a message, unless the message carries firm evidence beside it.
"""

SMALL_TALK = """
обід обіду обідом обідати обідає обідаю пообідати поїсти їсти їсть їжа їжу піца піцу піци піцою піцерія суші
бургер* шаурм* борщ* вареник* салат* пиріг пиріжк* торт торти тортик* печиво печеньк* цукерк* шоколад*
морозив* кава каву кави кавою кавус* кавун* чай чаю чаєм чайок пиво пива пивас* пивко вино вина вином
коктейл* бар бару снідан* вечеря вечерю вечеряти смачн* голодн* кафе ресторан* апетит* куштував* смакота
вкусняшк* курити покурити перекур* перекурити погод* дощ дощі дощик сніг снігу сонце сонця сонечк* спека
спеку спекотно жара холод холодно мороз мороз* тепло вітер злива гроза парасольк* промокла промок хмар*
вихідн* уїкенд відпочив* відпочин* відпустк* море моря пляж* гори горах поїхал* подорож* похід рибалк* дач*
шашлик* мангал* святк* вечірк* тусовк* тусит* гуля* прогулян* кіно кінотеатр фільм* серіал* мультик* музик*
пісн* концерт* танц* футбол* матч матчу матчі гол голи голів забили грати граємо граєм зіграємо катк* дот*
доту танчик* контр* приставк* плейстейшн кіт кота коту котик* котус* кошеня* кішк* котів кицьк* киця собака
собаку собаки песик* песел* пес цуцик* хомʼяк* папуг* хвіст гавкає мурчить нявч* дитин* діти дітей малий мала
донька донечк* синок сусід* бабус* дідус* теща свекруха весілл* одружу* одружив* заміж кохан* закохан* сон
сну спати спав спала сплю поспати заснув виспа* проспав* втомлен* втомив* втомила* зморен* похмілл* ліньк*
лінь нудно нудьга настрій настрою здоровʼя щастя натхнення натхненн* злагод* злагоди добробут* бажаю бажаємо
побажан* наснаг* радост* радості удач* удачі успіх* успіхів святом свято свята святкув* народження народжен*
іменин* ювіле* різдв* великод* великдень воскрес новим роком новорічн* ялинк* подарун* сюрприз* привітан*
вітаємо вітаю віншу* благополуч* миру мир мирн* переможн* перемоги тихої мем меми мемас* мемчик* прикол*
анекдот* жарт* стікер* гіф* гифк* відосик* тікток* тіктоц* інстаграмчик* сторіс* смія* реготав* ржав* плачу
плакала смішн* чихаю живіт зуб зуби стриж* манікюр* зачіск* шопінг* сукн* сукня взутт* кросівк* шкарпетк*
спортзал* пробіжк* йога дієт* худну гороскоп* чутк* плітк* обед обеда обедать пообедать кушать покушать
поесть еда пиццу пицца кофе кофеек чайку пивка вкусн* ужин* завтрака* завтракать погода дождь дождик снег
солнце жарко тепленько выходн* отпуск* отдохнуть отдыха* пляж шашлык* кино фильм* сериал* музык* песн* игра*
играть поиграем катку дота кот кошк* котен* собак* щен* ребенок ребенку дочка сынок дети детей сосед* бабушк*
свадьб* спать спал поспать выспал* проспал* устал* лень скучно настроени* счасть* здоровья здоровье удачи
успехов рождения рождением праздник* праздником желаю желаем поздравля* поздравлен* юбиле* подарок подарк*
мемы шутк* шучу смеял* смеюсь ржал* людоньки вставати зарядк* душевно обіймаю обнимаю підвищенням повышением
заслужив черга кондер актори актеры сезон кінцівка бажання погнали любви любові кохання оптимізму терпіння
терпения
lunch dinner breakfast snack snacks pizza sushi burger burgers burrito taco tacos sandwich coffee
latte espresso tea beer beers wine cocktail* drinks pub bar hungry starving tasty yummy delicious cake cakes
cookie donut* chocolate restaurant cook cooking cooked recipe grill bbq weather rain rainy raining snow
snowing sunny sunshine cold freezing hot heatwave umbrella weekend weekends vacation holiday holidays beach
trip travel traveling hiking camping fishing party partying birthday bday wedding anniversary christmas xmas
easter halloween thanksgiving movie movies netflix series episode song songs music concert band album guitar
game games gaming gamer playing played football soccer basketball nba nfl match goal ending spoiler* steam
ps5 xbox cat cats kitty kitten* dog dogs doggo puppy puppies pet pets baby babies kid kids daughter son wife
husband girlfriend boyfriend grandma neighbor* neighbour* couch sleep sleepy asleep slept nap tired exhausted
hungover bored boring mood gym workout jogging haircut outfit shoes congrats congratulations congratz grats
gratz wishes wishing wish happy happiness joy luck cheering proud excited celebrate celebrating celebration
meme memes joke jokes joking kidding gif gifs sticker stickers tiktok gossip spilled horoscope crying laughed
breed adorable mondays hahaha gosh kava welcome warm
"""

"""Words that keep a conversation going and say nothing a digest would, in Ukrainian, Russian, English.

Notation, here and in the other word lists: words are separated by white space; `слов*` is any word beginning
so; phrases, one a line, are matched word by word. Apostrophes and `ё` are folded away before matching, and
so are repeated letters, the wrong keyboard layout and Latin transliteration (see `lexicon.py`), so that one
spelling is enough.
"""

GREETINGS = """
привіт* вітаю вітання вітаємо здоров здоровенькі хай хелоу хелло хело хеллоу йо ку прив привіти салют
добридень доброранку доброго добрий добрі добре доброї ранку ранок вечора вечір дня день ночі надобраніч
добраніч бувай бувайте пока папа прощавай* прощайте побачення зустрічі зустрічей привет* здравств* здаров*
дратути доброе добрый доброй утра утро утречка вечера вечер ночи свидания встречи споки спокойной
hi hey hello hiya yo howdy sup wassup morning evening afternoon goodnight gn gm bye byebye goodbye cya cu
ttyl brb bbl afk gtg ciao welcome hola greetings heya heyo hullo
"""

ACKNOWLEDGEMENTS = """
ок окей оки окі оке окс окай океюшки добре гаразд дякс дякую дякуємо дяка дяки подяка спасибі спасибочки
спасиб дяк щиро вдячн* плюс плюсую плюсуємо плюсик плюсану підтримую підтримуємо згода згоден згодна згодні
погоджуюсь погоджуюся авжеж звісно звичайно ясно зрозуміло зрозумів зрозуміла зрозуміли поняв поняла прийнято
прийняв прийняла прийняли бачу почув почула чую так да ага угу умгу агась еге еж ні нє неа не-а нєа нема та
таки ото отож точно саме вірно правильно істинно факт будь ласка прошу лади ладно ладненько домовились гут
супер клас класно хорошо спасибо спс спсб пасиб пасиба благодарю пожалуйста пжл пжлст плиз понял поняли
понятно пон принял приняла принято ясненько согласен согласна согласны поддерживаю конечно верно именно нет
лан добро договорились забились забито
ok okay okey oki okie k kk kay kek thx thanks thank thankyou ty tyvm tnx tks thanx thnx cheers appreciated
appreciate grateful sure yes yep yeah yup ya yea yas yess no nope nah nay agreed agree same ditto roger noted
understood gotcha gotchu acknowledged ack aye np nvm yw indeed exactly absolutely totally definitely
certainly alright alrighty right rgr copy ofc fine works perfect will do plus lgtm deal done later
"""

LAUGHTER = """
лол кек кекв рофл ржу ржунімагу ору ореву орнула орнув угар угараю рофлю ахах хаха хех хехе хі хіхі хихи гг
ггг ыыы ггвп іржу сміюсь смішно смеюсь смешно ржака ржачно смішний смішна смішне смешной смішн* смешн* орунах
жесть жиза жизненно
lol lmao lmfao rofl lul kek haha hehe hihi xd xdd xddd ahah ahaha funny hilarious laughing lolz roflmao
"""

REACTIONS = """
вау ого огого ух уф фух ура йо ой ох ах ех еее тю ну нууу ммм мм хм хмм гм ее ем емм ееем гей ей опа упс ойой
йой омг вот офігенно офігеть офігенний афігеть капець капец пипець пипец жах кошмар треш трэш топ топчик імба
агонь вогонь бомба кайф кльово класно класна класний клас круто крутий крута круте крутяк крутезн* чудово
чудовий чудова чудесно прекрасно прекрасний неймовірно файно файний гарно гарна гарний гарні гарне гарного
гарних чотко чітко збс норм нормас нормально нормуль норма непогано прикольно прикол прикольний цікаво
цікавенько дивно просто сумно шкода печаль печалька сорі сорян сорри соррі вибач* пробач* перепрошую звиняйте
молодець молодці молодчина молодчинка красава красавчик красунчик красень розумничка розумниця умничка браво
респект шана поважаю люблю обожнюю мило мімімі няшно милота нарешті швидко легко вчасно серйозно справді
невже правда правду шок шоці буває бывает жартую жарт шуткую мда мдя бля блін бляха чорт трясця жартик огонь
офигеть офигенно офигенный класс крутой отлично отличн* замечательно здорово супер супир молодец молодцы
умница жаль грустно печально странно ужас ничего себе наконец извини извините прости простите серьезно
неужели интересно интересненько блин блинский черт нифига нифигасе ого-го зашибись зачёт зачет годно четко
шикарно шикардос великолепно нового інфо инфо объяснение обʼяснення пояснення объяснения
wow woah whoa omg omfg wtf ugh argh oh ooh oops whoops hmm hm hmmm mm mmm meh eh aw aww yay hooray woohoo
yikes damn dang gosh geez jeez holy awesome amazing great good nice cool neat sweet lovely wonderful
excellent fantastic brilliant superb super epic legendary dope lit fire sick tight mad insane insanely crazy
ridiculous unreal mega pretty gorgeous beautiful cute adorable love loved loving legend genius king queen
hero goat really seriously literally facts true based bet word finally hopefully sadly sorry apologies oof
rip sad bruh bro bros buddy mate dude dudes lads guys folks peeps yall smh tbh imo imho fyi btw idk iirc
afaik whatever lucky enjoy kudos props bravo respect well deserved awww lmao sheesh believe believing
"""

FILLERS = """
ну от ось коротше кароч короче типу типо значить взагалі вобще воопше блін слухай слухайте дивись дивіться
знаєш знаєте бачиш уявляєш уявляєте прям просто зайчик сонечко друже друзі дорогі колеги народ люди хлопці
дівчата панове пані пане чувак чуваки братан бро брат сестра шановні команда вообще кстати слушай слушайте
смотри смотрите знаешь знаете представляешь ребята ребзя друзья коллеги дорогие дорогая дорогой все всі всім
усім усіх всіх всем всех секунду секундочку хвилинку хвилиночку минутку сек щас щаз зараз ща скоро тут чекаю
жду чекаємо чекай чекайте погоди погодь почекай зачекай зачекайте ало алло алё попереднього попередньому
попередній предыдущему предыдущего вище выше хз хезе нзч незнаю незнай сумніваюсь хайпово ха ыы
well like um uh uhm erm er anyway anyways basically actually kinda sorta gonna wanna everyone everybody all
team there here back wait waiting sec second moment minute hold
"""

PHRASES = """
як справи
як дела
що там у вас
що-то нового
что-то новое
як ти
як ви
як життя
як воно
як у тебе
як у вас
як настрій
що робиш
що робите
що нового
що чути
про що думаєш
нема за що
немає за що
не за що
нема проблем
без проблем
та нічого страшного
нічого страшного
з ким не буває
не може бути
нічого собі
ну таке
так собі
до побачення
до зустрічі
на все добре
всього найкращого
на звʼязку
слава україні
героям слава
ти найкращий
ти найкраща
від душі
на здоровʼя
велике спасибі
велике дякую
дуже дякую
дуже приємно
був радий
зараз буду
вже йду
чує мене хтось
мене чути
мене видно
чути мене
на місці
я тут
я за
я проти
я теж
і я
мені теж
теж так
так само
це про мене
про мене
дай бог
как дела
как ты
как вы
как жизнь
как сам
что делаешь
что нового
чё как
че как
не за что
без проблем
ничего страшного
не парься
не может быть
ничего себе
до свидания
до встречи
всего доброго
и я
мне тоже
я тоже
с кем не бывает
так себе
вот это да
да ладно
how are you
how are you all
how is everyone
how are things
how is it going
how's everyone doing
how's it going
how you doing
what's up
what up
you good
hope everyone is well
nice to meet you
good to see you
see you
see ya
see you soon
see you later
see you all
take care
talk later
talk to you later
talk soon
gotta go
got to go
be right back
on my way
no worries
no problem
no prob
not a problem
any time
my pleasure
my bad
never mind
you're welcome
you are welcome
happy to help
glad to help
works for me
fine by me
ok by me
for sure
of course
sure thing
copy that
got it
roger that
sounds good
sounds great
sounds good to me
looks good
looks good to me
look good to me
makes sense
fair enough
good to go
good point
good one
good job
great job
nice job
nice one
nice work
great work
well done
well said
you bet
you got it
you rock
you said it
you are the best
i see
i know right
i know
i agree
i love it
love it
love this
i am in
i'm in
count me in
me too
same here
so true
oh no
no way
come on
oh really
let's go
about time
made my day
let me check
let me see
can do
will do
on it
i'm back
i'm done
i'm here
i am back
that is it
that's it
big thanks
many thanks
thanks a lot
thank you so much
much appreciated
have a good one
have a nice day
have a great day
is anyone here
anyone here
anybody here
all good
all right
everything cool
are you there
one sec
just a sec
wow what
so what
"""

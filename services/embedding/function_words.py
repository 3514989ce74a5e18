"""Function words of Ukrainian, Russian and English: they say nothing about what is looked for."""

_WORDS = """
    і й та а але або чи що як це цей ця ці той те так не ні на в у з із зі до по за від для про при без
    над під перед після між через щоб якщо бо ж же би б то ми ви він вона воно вони я ти мене нас вас
    його її їх їм нам вам мені тобі йому їй є був була було були буде будуть бути має мають може можна
    треба вже ще тут там де коли хто який яка яке які чому скільки все всі дуже теж також ось и с к из
    от что как это этот эта эти тот но или ли бы под после чтобы если мы вы он она оно они меня его её
    ее их мне тебе ему ей есть был была было были будет уже еще где когда кто какой какая какие почему
    сколько всё очень тоже о об со ко the a an of to in on at for and or but is are was were be been it
    its this that these those with as by from we you i he she they us our your my me not no do does did
    have has had will would can could should how what when where who which why if so there here than
    then too very just
"""
FUNCTION_WORDS = frozenset(_WORDS.split())

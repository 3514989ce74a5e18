"""What says that something must be so: `requirement`; and `chore`, that it is only somebody's next step."""

CUES = {
    "requirement": {
        "decisive": """
вимога:|вимоги:|требование:|требования:|requirement:|requirements:|умова:|условие:
""",
        "strong": """
// uk, ru
треба|потрібно|необхідно|нужно|надо|необходимо щоб|чтобы|аби
має|мають|мусить|мусять|повинен бути|<infinitive>
повинна|повинно|повинні|зобов'язаний|зобов'язана|зобов'язані бути|<infinitive>
має|мають|мусить|мусять|повинен|повинна|повинно|повинні <infinitive>
має|мають .. <infinitive>
повинен|повинна|повинно|повинні|мусить|мусять|зобов'язан*
должен|должна|должно|должны|обязан|обязана|обязано|обязаны
обов'язково|обов'язкова|обов'язковий|обов'язкове|обязательно
обязательное|обязательный|обязательная|обязательна|обязателен
вимагати|вимагає|вимагають|требовать|требует|требуют|вимога|требование
не|ні пізніше|раніше|довше|більше|менше|вище|нижче|рідше|частіше|вища|вищий|нижча
не|ні нижчий|менший|менша|більша|позже|раньше|дольше|больше|меньше|выше|ниже|реже
заборонено|заборонений|заборонена|забороняє|запрещено|запрещен|запрещена|запрещает
хоче|хочуть|просить|просять|наполягає|хочет|хотят|просит|просят|настаивает щоб|чтобы|аби
умова|условие
без .. не|ні|ни <verb>
без .. не можна|нельзя|пускати|пускать|приймуть|примут
в разі|випадку|случае .. має|повинен|должен|треба|нужно
щонайменше|принаймні|мінімум|максимум|минимум|не|як менш|меньш #
// en
must
have|has|had to
need|needs to|a|an
required|require|requires|requirement|mandatory|compulsory|obligatory
at least|most #
at least|most
no later|more|less|longer|earlier|fewer than
should be|be|support|work|not|have|never|only|always
insist|insists|demand|demands|expect|expects|want|wants|ask|asks that|to|us
not allowed|permitted|acceptable|negotiable
no one|nobody|nothing|none enters|may|gets|leaves|goes|above|below|over
only .. may|allowed|can
may not|only
without .. not|no|n't
can not|n't store|use|keep|exceed|ship|share|be
no exceptions
due by|on
""",
        "plain": """
// uk, ru
не можна|нельзя
можна|можно тільки|лише|только
тільки|лише|только через|з|із|за|після|після|с|после|по
потрібен|потрібна|потрібне|потрібні|нужен|нужна|нужны|необхідний|необхідна
лише|тільки|только|строго|суворо до|після|з|після|с|после
до # числа|години|ранку|вечора
# щонайменше
інакше|иначе
ліміт|лимит|обмеження|ограничение|дедлайн
хоче|хочуть|просить|просять|хочет|хотят|просит|просят
щоб|чтобы
// en
shall|should
want|wants|insist|insists
only
limit|deadline
otherwise
need|needs
within #
by the #
under #
never
""",
        "hint": """
треба|потрібно|необхідно|нужно|надо|варто|слід
максимум|мінімум|минимум|max|min
кожен|кожна|каждый|каждая
any
до #
""",
    },
    "chore": {
        "plain": """
// somebody's next step, not a constraint on the work
^ треба|надо|нужно|потрібно|потрібен|потрібна <infinitive>
мені|мне|нам|i треба|потрібно|надо|нужно|need
i need|have|must|should
треба|надо|нужно буде|будет
хто|кто може|может
""",
    },
}

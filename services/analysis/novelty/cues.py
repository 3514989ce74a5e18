"""What says that something goes on with what was there before. Pure."""

from services.analysis.local.cues import cues

GOES_ON = cues("""
ще, також, теж, досі, вже, уже, лишил*, залишил*, замість, доповнити, окрім, крім того, разом з
знову, тепер, поки, все одно, після того як, але не, але лише, зробили, додали, перенесли, полагодили
готов(а|ий|е|і), еще, также, тоже, до сих пор, остал*, вместо, дополнить, кроме того, снова, теперь, сделали
добавили, выбрали, also, as well, still, already, instead, beside, besides, again, remaining, more, two more
is gone, are gone, is fixed, was fixed, is done
works now
""")

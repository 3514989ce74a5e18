"""What the work is about: the things of software teams, and of the firms around them."""

TECHNICAL = """
прод проді прода проду продом продакшн* продакшен* стейдж* стейджинг* стейджинґ* сервер* бекенд* бекенду бек
фронтенд* фронт фронті фронтом апі апішк* ендпоінт* ендпойнт* запит* запити відповід* база бази базу базі
базою баз бд таблиц* індекс* схема схеми схему міграц* реплік* транзакц* кеш* кешу сесі* токен* авториз*
автентифік* логін* пароль паролі пароля сертифікат* домен* днс хостинг* хмар* інстанс* контейнер* докер*
кубер* кластер* нод* воркер* черг* задач* таск* тікет* ретра* таймаут* лок лока лоці лог логи логів логах
метрик* алерт* моніторинг* дашборд* трейс* код коду коді кодом кодуван* код-ревю репозитор* репа репу репі
гілк* бранч* коміт* пул-реквест* пр мр реквест* мердж* білд* билд* збірк* пайплайн* деплой* депло* реліз*
релізу верс* фіч* фічі флаг* баг бага багу багів багфікс* тест* тестув* юніт* інтеграц* модул* сервіс*
мікросервіс* бібліот* фреймворк* скрипт* парсер* парсинг* бот бота боту боти ботом вебхук* сокет* веб-хук*
сайт* сторінк* форм* кнопк* екран* макет* дизайн* інтерфейс* верстк* адмінк* апк застосун* додаток додатк*
мобільн* браузер* алгоритм* модель моделі моделл* моделей датасет* нейромереж* промпт* ембед* вектор* пошук*
файл* файли документац* доступ доступи доступів документ документи документу документів ключ ключі ключів
ліміт* квот* памʼят* диск* процесор* трафік* мереж* бекап* резервн* копі* дамп* архітектур* патерн* патч*
хук* змінн* налаштуван* конфіг* параметр* поле поля полі тип типи типів обʼєкт* функці* метод* помилк*
навантажен* продуктивн* латентн* швидкод* безпек* шифруван* спам* імпорт* експорт* синхроніз* підписк*
сповіщен* пуш* емейл* імейл* лист листи листів інтернет* віртуалк* ноутбук* обладнан* проде бэкенд* апи
эндпоинт* ендпоинт* запрос* ответ* базы базе индекс* схем* миграц* реплик* кэш* сесси* аутентиф* логин*
регистрац* пароли сертификат* инстанс* очеред* тикет* мониторинг* документы кода коде ветк* коммит* сборк*
релиз* верси* фич* багов сервис* библиотек* страниц* экран* админк* приложен* мобильн* модели поиск* доступы
ключи лимит* память памяти трафик* сеть сети бэкап* архитектур* переменн* настройк* конфиг* функци* нагрузк*
производительн* безопасн* импорт* экспорт* синхрониз* уведомлен* слой пул* данные данных дані даних даними
докер-файл* докерфайл* докерфайлі бібліотек* гілку гілки гілка гілок ветку ветка ветки кирилиц* кириллиц*
таймзон* поясу дат дати дату датами масив* массив* рядк* строк* цикл* поток* потік процес* змінну переменную
оперативк* відеокарт* видеокарт* материнк* роутер* вайфай вай-фай прошивк* драйвер* вінд* винд* лінукс*
линукс* убунт* мак макбук* айфон* андроїд* андроид* телеграм* ютуб* гугл* хром* постгрес* постгря монг*
редіс* редис* кафк* пайтон* питон* джав* джанг* реакт* фласк* гіт гіта гіті гитхаб* гітхаб* гитлаб* джир*
конфлюенс* слак* зум* ноушн* фігм* фигм* чатгпт гпт нейронк* нейронн* куках куки кук локалсторадж* эксел*
ексел* скріншот* скриншот* скрін* скрин* відео видео
prod production staging stage server servers backend frontend api apis endpoint endpoints db database
databases table tables index indexes indices schema schemas sql query queries replica replicas transaction
transactions cache caches caching session sessions token tokens auth authentication authorization oauth sso
saml login logins signup password passwords cert certificate certificates tls ssl domain dns hosting cloud
instance instances container containers docker kubernetes k8s helm cluster clusters node nodes worker workers
queue queues job jobs cron retry retries backoff lock locks mutex log logs logging metrics metric alert
alerts monitoring dashboard dashboards trace traces tracing code codebase repo repos repository branch
branches commit commits pr prs mr pull ci cd pipeline pipelines deploy deploys deployment deployments release
releases version versions versioning feature features flag flags patch hotfix unit integration e2e coverage
module modules service services microservice* library libraries framework frameworks dependency dependencies
package packages script scripts parser parsing bot bots webhook webhooks socket sockets websocket websockets
site website page pages form forms button buttons screen ui ux mockup mockups design layout css html js
javascript typescript ts python java golang rust php ruby swift kotlin scala nodejs react vue angular svelte
django flask fastapi litestar celery dramatiq taskiq pydantic sqlalchemy alembic postgres postgresql mysql
sqlite mongo mongodb redis kafka rabbitmq nats elasticsearch clickhouse s3 aws gcp azure heroku nginx apache
linux ubuntu debian windows macos ios android safari chrome firefox git github gitlab bitbucket jira
confluence slack telegram stripe paypal openai gpt llm llms embedding embeddings vector vectors model models
prompt prompts dataset training inference browser cookie cookies header headers request response responses
payload payloads json xml yaml csv pdf excel file files folder directory disk memory ram cpu gpu network
latency throughput bandwidth traffic load balancer proxy firewall vpn ssh http https tcp udp grpc rest
graphql sdk cli env config configs configuration setting settings variable variables param params parameter
parameters function functions method methods class classes object objects field fields column columns row
rows string strings integer int array dict hash key keys nonce encryption encrypted backup backups snapshot
snapshots restore dump architecture pattern microservices monolith event events stream streams streaming
message messages messaging notification notifications email emails import imports importing export exports
sync async thread threads threading process processes concurrency parallel algorithm performance profile
profiler profiling benchmark* security permissions permission role roles user users account accounts admin
client clients cleanup validation validator middleware handler handlers loop retention ttl pagination
paginated cursor rate limit limits quota search filter filters sort extractor extraction type types typing
strict lint linter mypy ruff pytest test tests suite runner fixture fixtures stack heap kernel driver
compiler runtime binary wheel docs documentation readme changelog spec specs swagger openapi sentry grafana
prometheus jaeger opentelemetry otel terraform ansible server-side storage bucket buckets connection
connections timeout iops qps rps sla slo kpi crud orm etl ml ai nlp rag telemetry observability state
component components render rendering hooks route routes router routing tenant tenants multi-tenant scaling
autoscaling shard sharding partition partitions partitioning replication failover idempotent idempotency
serializer serialization protobuf msgpack charset encoding unicode utf8 utf-8 timezone timestamp datetime
locale translation translations accessibility widget modal dropdown tooltip shortcut shortcuts keyboard
mobile desktop app apps application applications platform infrastructure infra devops sre setup tool tools
tooling topic topics atom atoms laptop hardware machine vm system systems bug screenshot logic data analytics
crawler scraper extension plugin plugins await comprehension tuple tuples hashable syntax compile parse
parsed regex callback callbacks pointer pointers closure decorator decorators iterator generator generators
lambda exception exceptions loops nested recursion namespace scope inheritance interface interfaces overhead
rebase merge wsl wsl2 vscode vim emacs ide pycharm intellij npm pip yarn cargo maven gradle webpack vite
eslint babel jquery bootstrap tailwind laravel symfony rails spring hibernate numpy pandas pytorch tensorflow
jupyter notebook arduino raspberry firmware bios wifi bluetooth usb ssd hdd nvidia cuda intel amd sudo apt
brew bash shell terminal powershell ssh-key localhost port ports host hosts hostname ip ipv4 ipv6 subnet
gateway byte bytes buffer codec mp4 ffmpeg opencv mqtt soap xpath selenium playwright cypress jest junit mock
mocks stub docstring github-actions docker-compose dockerfile makefile gradlew drf jwt csrf cors redirect
redirect-uri captcha cdn seo p50 p95 p99 gc wal vacuum explain join joins foreign primary constraint
constraints trigger uuid checksum hashing salt cipher
"""

BUSINESS = """
клієнт* замовник* користувач* юзер* договір договор* договору контракт* бюджет* кошторис* рахунок рахунк*
рахунок-фактур* інвойс* оплат* платіж платеж* грош* гроші гривень грн долар* доларів євро інвестор* інвестиц*
продаж* маркетинг* реклам* кампан* партнер* постачальник* тендер* юрист* юридич* бухгалтер* податк* податок
звіт звіти звіту звітн* зарплат* премі* відпускн* вакансі* кандидат* співбесід* інтервʼю найманн* найміння
офіс* зустріч* мітинг* дзвінок дзвінк* созвон* зідзвон* демо презентац* ретро план плани плану планув*
стратегі* проєкт* проект* спринт* беклог* дедлайн* пріоритет* вимог* ліценз* тариф* підписк* ціна ціни ціну
цін вартіст* знижк* аналітик* конверсі* метрик* відгук* аудит* гдпр персональн* нацбанк* комісі* фоп тов
правил* порядок порядк* навчан* сертифікац* курс співробіт* працівник* команд* менеджер* дизайнер* розробник*
тестувальник* девопс* наказ* політик* регламент* тайм-шит* таймшит* табел* командировк* відряджен* майбутн*
оренд* техпідтримк* підтримк* довіреніст* акт акти акту мита податков* експертиз* ринок ринк* конкурент*
клиент* заказчик* пользовател* смет* счет счета счету инвойс* платёж* деньг* денег рублей доллар* евро
инвестор* поставщик* налог* отчет* преми* отпускн* ваканси* собеседован* офис* встреч* митинг* звонок звонк*
планы стратеги* бэклог* приоритет* требован* лиценз* подписк* цена цены цену стоимост* скидк* аналитик*
конверси* отзыв* комисси* обучен* сотрудник* разработчик* тестировщик* поддержк* аренд* рынок рынк* збори
зборів збору квартир* будин* мешкан* світл* електр* газ води воду вода труб* генератор* картк* кабінет* склад
склад* відвантаж* товар* адрес* курʼєр* посилк* накладн* замовлен* доставк* відправлен* урок* вчител* школ*
іспит* семестр* лекці* студент* групу група групи пацієнт* лікарськ* транспорт* автобус* потяг* рейс* квитк*
квиток водій водії машин* запчаст* обʼєкт* будівельн* матеріал* постав* закупівл* закупк* волонтер* збір
донат* підрозділ* громад* депутат* закон* документ* довідк* паспорт* віз* страхов* банк* кредит* карту
собрание жильц* свет электр* воды карта карты кабинет* отгруз* курьер* посылк* заказ* учител* экзамен* лекци*
билет* водител* материал* справк* докладчик* митап* юридическ*
client clients customer customers user users contract contracts budget budgets estimate estimates invoice
invoices invoicing payment payments money cash revenue sales marketing campaign campaigns partner partners
vendor vendors supplier* legal lawyer lawyers accounting accountant tax taxes report reports salary salaries
bonus payroll vacancy vacancies candidate candidates interview interviews hire hires recruiter office meeting
meetings call demo demos presentation retro retrospective plan plans roadmap strategy project projects sprint
backlog milestone milestones deadline priority priorities requirement requirements license licenses licence
pricing price prices cost costs discount analytics conversion churn feedback audit compliance gdpr
stakeholder* investor* investors team kickoff launch subscription subscriptions refund refunds order orders
delivery shipment warehouse stock supplier quote proposal agreement nda policy policies regulation training
workshop conference employee employees manager managers developer developers engineer engineers designer
designers qa analyst support ticket tickets onboarding offboarding postmortem on-call oncall rota shift
shifts growth metric okr okrs q1 q2 q3 q4 enterprise saas trial tier tiers address addresses event* meetup
speaker apartment building electricity generator card cards parcel courier driver drivers flight flights
school lesson exam teacher students bank loan insurance passport visa sku inventory shop store venue
materials privacy notice terms resume cv remote kpi roi b2b b2c crm erp
"""

"""Everyday tasks in each language: where a model puts such texts on average.

The vectors that proposals have are measured from here: to change one is to have them all made anew.
"""

from collections.abc import Mapping
from typing import Literal

TextLanguage = Literal["uk", "ru", "en"]

REFERENCE: Mapping[TextLanguage, tuple[str, ...]] = {
    "uk": (
        "Оновити сторінку контактів. На сайті стара адреса офісу й телефон, за яким ніхто не відповідає.",
        "Виправити помилку під час входу. Після зміни пароля застосунок просить увійти знову і знову.",
        "Підготувати договір з новим постачальником. Чернетка має бути в юриста до середи.",
        "Прискорити завантаження каталогу. Список товарів відкривається десять секунд.",
        "З'ясувати, хто відповідає за резервні копії. Минулого тижня їх ніхто не перевіряв.",
        "Додати фільтр за датою у звіт. Менеджерам потрібні продажі за квартал.",
        "Замовити обладнання для нового працівника. Потрібні ноутбук, монітор і навушники.",
        "Описати процес повернення коштів. Підтримка щоразу питає бухгалтерію.",
        "Налаштувати сповіщення про збої. Про зупинку сервера дізналися від клієнтів.",
        "Перекласти інструкцію англійською. Партнери з-за кордону не розуміють екранів.",
        "Перевірити ліцензії бібліотек. Перед випуском треба знати, що можна поширювати.",
        "Провести опитування користувачів. Невідомо, чому люди не закінчують реєстрацію.",
        "Прибрати старі облікові записи. Колишні працівники досі мають доступ.",
        "Домовитися про демонстрацію для клієнта. Вони просять показати нову версію у вівторок.",
        "Написати тести для розрахунку знижок. Минула зміна зламала ціни в кошику.",
        "Зменшити розмір фотографій. Сторінка займає тридцять мегабайтів.",
        "Полагодити двері на складі. Замок заїдає, машини стоять у черзі.",
        "Запланувати навчання команди. Половина не знає, як працює нова система.",
        "Порівняти ціни на доставку. Перевізник підняв тариф на чверть.",
        "Дозволити вибір мови в профілі. Зараз мова береться з налаштувань телефона.",
    ),
    "ru": (
        "Обновить страницу контактов. На сайте старый адрес офиса и телефон, по которому никто не отвечает.",
        "Исправить ошибку при входе. После смены пароля приложение просит войти снова и снова.",
        "Подготовить договор с новым поставщиком. Черновик должен быть у юриста до среды.",
        "Ускорить загрузку каталога. Список товаров открывается десять секунд.",
        "Выяснить, кто отвечает за резервные копии. На прошлой неделе их никто не проверял.",
        "Добавить фильтр по дате в отчёт. Менеджерам нужны продажи за квартал.",
        "Заказать оборудование для нового сотрудника. Нужны ноутбук, монитор и наушники.",
        "Описать процесс возврата денег. Поддержка каждый раз спрашивает бухгалтерию.",
        "Настроить уведомления о сбоях. Об остановке сервера узнали от клиентов.",
        "Перевести инструкцию на английский. Партнёры из-за границы не понимают экранов.",
        "Проверить лицензии библиотек. Перед выпуском нужно знать, что можно распространять.",
        "Провести опрос пользователей. Неизвестно, почему люди не заканчивают регистрацию.",
        "Убрать старые учётные записи. Бывшие сотрудники до сих пор имеют доступ.",
        "Договориться о демонстрации для клиента. Они просят показать новую версию во вторник.",
        "Написать тесты для расчёта скидок. Прошлое изменение сломало цены в корзине.",
        "Уменьшить размер фотографий. Страница занимает тридцать мегабайт.",
        "Починить дверь на складе. Замок заедает, машины стоят в очереди.",
        "Запланировать обучение команды. Половина не знает, как работает новая система.",
        "Сравнить цены на доставку. Перевозчик поднял тариф на четверть.",
        "Разрешить выбор языка в профиле. Сейчас язык берётся из настроек телефона.",
    ),
    "en": (
        "Update the contact page. The site shows the old address and a phone number that nobody answers.",
        "Fix the error at sign-in. After a change of password the app asks to sign in again and again.",
        "Prepare the contract with the new supplier. The lawyer needs a draft by Wednesday.",
        "Speed up the catalogue. The list of goods takes ten seconds to open.",
        "Find out who looks after the backups. Nobody checked them last week.",
        "Add a filter by date to the report. Managers need the sales of a quarter.",
        "Order equipment for the new colleague. A laptop, a monitor and headphones are needed.",
        "Describe how money is refunded. Support asks accounting every time.",
        "Set up notifications of outages. Customers told us that the server had stopped.",
        "Translate the manual into English. Partners abroad do not understand the screens.",
        "Check the licences of libraries. Before the release we need to know what may be distributed.",
        "Run a survey of users. It is unknown why people do not finish their registration.",
        "Remove old accounts. Former employees still have access.",
        "Arrange a demonstration for the client. They ask to see the new version on Tuesday.",
        "Write tests for the calculation of discounts. The last change broke the prices in the cart.",
        "Reduce the size of photos. The page takes thirty megabytes.",
        "Repair the door of the warehouse. The lock sticks and lorries queue.",
        "Plan training for the team. Half of them do not know how the new system works.",
        "Compare the prices of delivery. The carrier has raised its rates by a quarter.",
        "Allow a choice of language in the profile. Today it is taken from the phone's settings.",
    ),
}
"""By language, the same tasks in the same order."""

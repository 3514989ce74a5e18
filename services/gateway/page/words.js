// Everything that the page says, in Ukrainian and English.

const WORDS = {
  uk: {
    skip: "До повідомлень", language: "Мова", leave: "Вийти",
    enterTitle: "Вхід за ключем", enterText: "Ключ друкується під час першого запуску. Він лишається в цій вкладці, доки ви її не закриєте.",
    enterKey: "Ключ API", enterGo: "Увійти", enterWrong: "Такого ключа немає.",
    on: "Наживо", wait: "З’єднання…", off: "Не в мережі",
    scored: "Оцінено", perSecond: "оцінок за секунду", ofChat: "у чаті «{chat}»", inAll: "в усіх чатах",
    signal: "Сигнал", weak_signal: "Слабкий сигнал", noise: "Шум", unscored: "Без оцінки",
    imports: "Імпорт", dropTitle: "Експорт Telegram Desktop", dropText: "Перетягніть result.json сюди або виберіть файл",
    noJobs: "Імпортів ще не було.", cancel: "Скасувати", uploading: "Вивантаження", sent: "Файл передано, імпорт почався.",
    pending: "У черзі", running: "Триває", completed: "Готово", failed: "Помилка", cancelled: "Скасовано",
    jobSum: "{fetched} прочитано · {stored} нових · {skipped} відомих", jobErrors: "{errors} нечитабельних",
    services: "Стан системи", ready: "працює", down: "не працює", apiDocs: "Опис API",
    messages: "Повідомлення", order: "Порядок", byClass: "За класом", newest: "Найновіші", strongest: "Найсильніші", all: "Усі",
    chat: "Чат", allChats: "Усі чати", more: "Показати ще", none: "Повідомлень ще немає. Імпортуйте експорт, або під’єднайте бота.",
    noneHere: "За цими умовами повідомлень немає.", nobody: "Невідомий автор", untitled: "Чат без назви",
    content: "Зміст", author: "Автор", author_activity: "Активність автора", temporal: "Свіжість", freshness: "Свіжість",
    temporal_relevance: "Свіжість", topic: "Тема", topics: "Теми", topic_association: "Зв’язок із темою",
    length: "Довжина", density: "Щільність", substance: "Суть", small_talk: "Балачка", uniqueness: "Своєрідність", conversation: "Розмова",
    media: "Медіа", service: "Службове",
    value: "{value} × {weight}", judge: "Насправді це", takeBack: "Скасувати правку", kept: "Правку збережено.",
    corrected: "Виправлено: {who}. Оцінювач вважав: {scored}.", version: "Оцінювач {version}", edited: "змінено",
    gone: "Сервер не відповідає. Спробую ще.", jobDone: "Імпорт «{name}» завершено.", jobBroke: "Імпорт «{name}» не вдався.",
  },
  en: {
    skip: "Skip to messages", language: "Language", leave: "Sign out",
    enterTitle: "Sign in with a key", enterText: "The key is printed at the first start. It stays in this tab until you close it.",
    enterKey: "API key", enterGo: "Sign in", enterWrong: "There is no such key.",
    on: "Live", wait: "Connecting…", off: "Offline",
    scored: "Scored", perSecond: "scored a second", ofChat: "in “{chat}”", inAll: "in all chats",
    signal: "Signal", weak_signal: "Weak signal", noise: "Noise", unscored: "Not scored",
    imports: "Imports", dropTitle: "Telegram Desktop export", dropText: "Drop result.json here, or choose a file",
    noJobs: "Nothing was imported yet.", cancel: "Cancel", uploading: "Uploading", sent: "The file is here, the import has begun.",
    pending: "Waiting", running: "Running", completed: "Done", failed: "Failed", cancelled: "Cancelled",
    jobSum: "{fetched} read · {stored} new · {skipped} known", jobErrors: "{errors} unreadable",
    services: "System", ready: "ready", down: "down", apiDocs: "API description",
    messages: "Messages", order: "Order", byClass: "By class", newest: "Newest", strongest: "Strongest", all: "All",
    chat: "Chat", allChats: "All chats", more: "Show more", none: "No messages yet. Import an export, or connect a bot.",
    noneHere: "No messages fit these filters.", nobody: "Unknown author", untitled: "Untitled chat",
    content: "Content", author: "Author", author_activity: "Author activity", temporal: "Freshness", freshness: "Freshness",
    temporal_relevance: "Freshness", topic: "Topic", topics: "Topics", topic_association: "Topic link",
    length: "Length", density: "Density", substance: "Substance", small_talk: "Small talk", uniqueness: "Uniqueness", conversation: "Conversation",
    media: "Media", service: "Service",
    value: "{value} × {weight}", judge: "It really is", takeBack: "Take back", kept: "Your correction is kept.",
    corrected: "Corrected by {who}. The scorer said: {scored}.", version: "Scorer {version}", edited: "edited",
    gone: "The server does not answer. Trying again.", jobDone: "“{name}” was imported.", jobBroke: "“{name}” could not be imported.",
  },
};

export let language = localStorage.getItem("language") ?? (navigator.language.toLowerCase().startsWith("uk") ? "uk" : "en");

export function t(key, values = {}) {
  const words = WORDS[language][key] ?? key.charAt(0).toUpperCase() + key.slice(1).replaceAll("_", " ");
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const number = (value) => new Intl.NumberFormat(language).format(value);
export const percent = (part) => new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 }).format(part);

export function when(iso) {
  const date = new Date(iso);
  const thisYear = date.getFullYear() === new Date().getFullYear();
  const day = { day: "numeric", month: "short", ...(thisYear ? {} : { year: "numeric" }) };
  return new Intl.DateTimeFormat(language, { ...day, hour: "numeric", minute: "2-digit" }).format(date);
}

export function speak(next) {
  language = next;
  localStorage.setItem("language", next);
  apply();
}

export function apply(root = document) {
  document.documentElement.lang = language;
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
  for (const button of document.querySelectorAll("[data-lang]")) button.setAttribute("aria-pressed", button.dataset.lang === language);
}

"""Keywords are found as words, in their forms, and not within other words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analysis.keywords import has_word, prepare, roots_of


@pytest.mark.parametrize(
    ("keyword", "forms"),
    [
        ("каса", "каса касу касі касою каси кас касами КАСА"),
        ("помилка", "помилка помилки помилку помилці помилкою помилок помилками"),
        ("рахунок", "рахунок рахунку рахунки рахунків рахунком"),
        ("вхід", "вхід входу входом входи"),
        ("платіж", "платіж платежу платежі платежів платежем"),
        ("замовлення", "замовлення замовлень замовленням замовленнями"),
        ("відповідь", "відповідь відповіді відповідей відповідям"),
        ("проблема", "проблема проблем проблемою проблемами"),
        ("термінал", "термінал термінали терміналів терміналом"),
        ("архів", "архів архіву архіви архівів"),
        ("режим", "режим режиму режимом режимів"),
        ("тестовий", "тестовий тестового тестовою тестові тестових"),
        ("помилки", "помилка помилки помилок"),
        ("errors", "error errors"),
        ("баг", "баг баги багу багів багами"),
        ("реліз", "реліз релізу релізи релізів релізом"),
        ("п'ятниця", "п’ятниця п'ятницю пʼятниці"),
        ("ошибка", "ошибка ошибки ошибку ошибок ошибкой"),
        ("release", "release releases released releasing Release"),
        ("query", "query queries"),
        ("process", "process processes processed processing"),
        ("status", "status statuses"),
        ("code", "code codes"),
        ("log", "log logs logging logged"),
        ("bug", "bug bugs"),
        ("key", "key keys"),
        ("API", "API api"),
        ("v2", "v2 V2"),
    ],
)
def test_word_is_found_in_all_its_forms(keyword: str, forms: str) -> None:
    for form in forms.split():
        assert has_word(f"Та от: {form}, знову.", [keyword]), form


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("ok", "token revoked, book"),
        ("каса", "касета, касир, окраса, прикраса"),
        ("термін", "термінал, термінали"),
        ("режим", "режу хліб"),
        ("log", "blog login catalog dialog"),
        ("лаг", "благо, шлагбаум, лагодити"),
        ("API", "rapid capital"),
        ("v2", "v21 v3 av2"),
        ("оплата карткою", "оплата готівкою, не карткою"),
        ("оплата карткою", "карткою оплата"),
        ("C++", "c, C#"),
        ("#urgent", "urgent, #urgently"),
        (".env", "env.production, .environment"),
        ("🔥", "вогонь"),
        ("каса", ""),
    ],
)
def test_word_is_not_found_within_or_beside_others(keyword: str, text: str) -> None:
    assert not has_word(text, [keyword])


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("оплата карткою", "Питання з ОПЛАТОЮ картками"),
        ("e-mail", "на e mail"),
        ("CI/CD", "зламався CI/CD."),
        ("«каса»", "на касі"),
        ("каса.", "на касі"),
        ("(bug)", "a bug"),
        ("C++", "пишемо на c++, не на C"),
        ("#urgent", "this is #Urgent!"),
        (".env", "закоміть .ENV"),
        ("@olena", "@Olena, глянь"),
        ("❗️", "терміново❗"),
        ("!!!", "терміново!!!"),
        ("1С", "В 1с нема"),
        ("e\u0301te", "ÉTE"),
    ],
)
def test_phrases_signs_and_names_are_found(keyword: str, text: str) -> None:
    assert has_word(text, [keyword])


def test_found_keywords_are_told_as_they_were_given() -> None:
    keywords = prepare(["Каса", "термінал", "🔥", "Каса 3"])

    assert keywords.found_in("🔥 на касі 3 горить") == {"Каса", "🔥", "Каса 3"}
    assert keywords.found_in("тиша") == set()
    assert not keywords.are_in("тиша")
    assert keywords.are_in("термінали")


def test_without_keywords_nothing_is_found() -> None:
    assert not has_word("каса", [])
    assert not has_word("каса", [" ", "\t", "\ufe0f"])


@given(st.text(max_size=30), st.text(max_size=60))
def test_any_keyword_and_text_are_compared_without_fail(keyword: str, text: str) -> None:
    assert has_word(keyword, [keyword]) or not keyword.strip() or not has_word(text, [keyword])


@given(st.text(alphabet="абвгґдеєжзиіїйклмнопрстуфхцчшщьюяabcdefgsy", min_size=1, max_size=12))
def test_roots_are_never_empty_nor_longer_than_the_word(word: str) -> None:
    assert roots_of(word)
    assert all(0 < len(root) <= len(word) for root in roots_of(word))

"""The gallery's page: one file, without scripts and requests, that no text can break out of."""

import base64
import hashlib
import itertools
import re
from html.parser import HTMLParser

import pytest

from gallery_pools import BUSY, busy, gallery
from sms_redirect.gallery import samples
from sms_redirect.gallery.comparison import compare
from sms_redirect.gallery.document import document
from sms_redirect.gallery.page import render, render_comparison, visible

HOSTILE = "</title></style></script><script>alert(1)</script><img src=x onerror=alert(1)>\u202eevil"
LOADING = {"script", "link", "img", "iframe", "object", "embed", "form", "base", "video", "audio", "source"}
VOID = {"meta", "br", "hr", "path", "circle"}


class Page(HTMLParser):
    """Elements of a page as (tag, attributes, text); fails on tags that do not match."""

    def __init__(self, html):
        super().__init__()
        self.elements, self._open = [], []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "text": "", **dict(attrs)}
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        element = self._open.pop()
        assert element["tag"] == tag
        if self._open:
            self._open[-1]["text"] += element["text"]

    def handle_data(self, data):
        if self._open:
            self._open[-1]["text"] += data

    def all(self, tag, **attributes):
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [each for each in self.elements if each["tag"] == tag and wanted.items() <= each.items()]


@pytest.fixture(scope="module")
def html():
    return render(busy())


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_a_text_that_several_sms_share_is_shown_once(page):
    shown = busy()
    bubbles = [each["text"] for each in page.all("p", class_="bubble")]

    assert bubbles == list(dict.fromkeys(picture.shown.text for picture in shown.pictures))
    assert [len(group) for group in shown.texts] == [5, 2, 1, 1]
    assert [each["text"] for each in page.all("h2")][1:] == [
        "Sign-up, code sent again, verify attribute, changed attribute, forgotten password",
        "Sign-in, second factor, sign-in without a password",
        "Invitation",
        "Account takeover",
    ]


def test_the_summary_shows_every_text_once_beside_all_of_its_sms(page):
    (table,) = [each for each in page.all("table") if "Sign-in without a password" in each["text"]]

    for text in (BUSY["SmsVerificationMessage"], BUSY["SmsAuthenticationMessage"]):
        assert table["text"].count(text) == 1
    for picture in busy().pictures:
        assert picture.occasion.title in table["text"]


def test_the_page_loads_nothing_and_runs_nothing(page):
    assert [each["tag"] for each in page.elements if each["tag"] in LOADING] == []
    assert [name for each in page.elements for name in each if name.startswith("on")] == []
    assert [each for each in page.elements if "style" in each] == []
    assert all(each["href"].startswith("#") for each in page.all("a"))


def test_the_policy_allows_nothing_but_the_pages_own_style(page):
    (policy,) = [each["content"] for each in page.all("meta", **{"http-equiv": "Content-Security-Policy"})]
    (style,) = page.all("style")

    digest = base64.b64encode(hashlib.sha256(style["text"].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "@import" not in style["text"]
    assert "url(" not in style["text"]


def test_no_text_breaks_out_of_the_page():
    shown = gallery(
        **BUSY
        | {
            "Name": HOSTILE,
            "SmsVerificationMessage": HOSTILE,
            "SmsAuthenticationMessage": HOSTILE,
            "MfaConfiguration": HOSTILE,
            "AutoVerifiedAttributes": [HOSTILE],
            "SmsConfigurationFailure": HOSTILE,
            "UserPoolTags": {"sms-redirect:stack": HOSTILE},
            "LambdaConfig": {"CustomMessage": HOSTILE, "CustomSMSSender": {"LambdaArn": HOSTILE}},
        }
    )

    page = Page(render(shown))

    assert [each["tag"] for each in page.elements if each["tag"] in LOADING] == []
    assert page.all("p", class_="bubble")[0]["text"] == HOSTILE


def test_hidden_characters_are_named_everywhere_but_in_the_bubble():
    page = Page(render(gallery(SmsVerificationMessage="a\u202eb\u200b {####}")))

    (template, *_) = page.all("pre")
    assert template["text"] == "a[U+202E]b[U+200B] {####}"
    assert page.all("p", class_="bubble")[0]["text"].startswith("a\u202eb\u200b ")
    assert "[U+202E]" in page.all("bdi", class_="part-text")[0]["text"]


@pytest.mark.parametrize("hidden", ["\0", "\x1b", "\u2066", "\ufeff", "\u2028"])
def test_a_hidden_character_has_a_name(hidden):
    assert visible(f"a{hidden}b") == f"a[U+{ord(hidden):04X}]b"


def test_a_stopped_sms_names_the_setting(page):
    stops = page.all("ul", class_="stops")

    assert len(stops) == sum(bool(picture.occasion.stops) for picture in busy().pictures)
    assert "Policies.SignInPolicy.AllowedFirstAuthFactors is PASSWORD" in " ".join(stops[0]["text"].split())


def test_an_error_is_shown_with_its_source_at_its_text():
    page = Page(render(gallery(SmsVerificationMessage="{####}\n")))

    texts = [" ".join(each["text"].split()) for each in page.all("ul", class_="errors")]
    assert len(texts) == 2  # of the pool, and at its text
    assert all("ends with a line break" in text for text in texts)
    assert all("Source: Cognito API model, SmsVerificationMessageType." in text for text in texts)


def test_locales_are_side_by_side():
    french, german = (samples.Person(locale=each) for each in ("fr", "de"))

    page = Page(render(gallery(person=french), gallery(person=german)))

    assert [each["text"] for each in page.all("p", class_="locale")][:2] == ["fr", "de"]
    assert "Text in fr" in [each["text"] for each in page.all("th")]
    assert len(page.all("div", class_="locales")) == 4


def test_the_sample_users_own_attributes_are_shown():
    page = Page(render(gallery(person=samples.Person({"custom:shop": "<b>"}), Schema=[{"Name": "shop"}])))

    assert "custom:shop <b>" in [each["text"] for each in page.all("dd")]


def test_the_page_is_accessible(page):
    assert page.all("html", lang="en")
    assert len(page.all("main")) == len(page.all("header")) == len(page.all("h1")) == 1
    assert len(page.all("caption")) == len(page.all("table"))
    headings = [int(each["tag"][1]) for each in page.elements if re.fullmatch(r"h\d", each["tag"])]
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))
    ids = [each["id"] for each in page.elements if "id" in each]
    assert len(ids) == len(set(ids))
    assert {each["href"][1:] for each in page.all("a")} <= set(ids)
    assert {each["aria-labelledby"] for each in page.all("section")} <= set(ids)


def test_the_template_and_its_source_are_shown(page):
    assert BUSY["SmsAuthenticationMessage"] in [each["text"] for each in page.all("pre")]
    sources = [each["text"] for each in page.all("p", class_="from")]
    assert "From a setting of the pool, SmsAuthenticationMessage." in sources
    assert len(sources) == 3


def test_no_text_breaks_out_of_a_comparison():
    old, new = document(busy()), document(gallery(**BUSY | {"SmsVerificationMessage": HOSTILE, "Name": HOSTILE}))
    for each in (old, new):
        each["pool"]["origin"] = HOSTILE
        for message in each["messages"]:
            message["title"] = HOSTILE
            message["encoding"] = HOSTILE
            message["errors"] = [dict.fromkeys(("code", "text", "setting", "source"), HOSTILE)]
    new["errors"] = new["messages"][0]["errors"]

    page = Page(render_comparison(compare(old, new)))

    assert [each["tag"] for each in page.elements if each["tag"] in LOADING] == []
    assert HOSTILE.replace("{####}", "493027") in [each["text"] for each in page.all("p", class_="bubble")]
    assert page.all("ul", class_="errors")

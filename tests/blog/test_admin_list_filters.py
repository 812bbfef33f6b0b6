"""The filters of a list fold away on the phone, and stand open while one of them is on."""

import pytest

pytestmark = pytest.mark.django_db
LIST = "/admin/blog/post/"


@pytest.mark.parametrize(
    ("query", "opened"),
    [("", False), ("?state=draft", False), ("?q=noon", False), ("?kind__exact=page", True)],
)
def test_filters_stand_open_while_one_is_on(client_of, editor, publish, query, opened):
    publish("The noon gun")
    page = client_of(editor).get(LIST + query).content.decode()
    assert ('<details class="lp-sifting" open>' in page) is opened
    assert '<details class="lp-sifting"' in page


def test_the_trail_s_filters_stand_open_while_something_is_looked_for(client_of, admin):
    client = client_of(admin)
    trail = "/admin/accounts/auditentry/"
    assert '<details class="lp-sifting"><summary>' in client.get(trail).content.decode()
    assert '<details class="lp-sifting" open>' in client.get(trail, {"q": "noon"}).content.decode()

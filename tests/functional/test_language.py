"""The back office in English, for who chose it; visitors read what was written."""


def test_a_person_chooses_english(app, sign_in):
    login = app.get("/login")
    page = login.forms[1].submit("lang", value="en").follow()
    assert "Sign in to the back office" in page
    assert '<html lang="en"' in page

    author = sign_in("author")
    assert "工作台" in author.get("/manage")
    page = author.get("/manage").forms[1].submit("lang", value="en").follow()
    assert "Dashboard" in page
    form = author.get("/manage/finance/news/@@add?type=article").forms[1]
    page = form.submit("save")
    assert "Something needs to be changed: Title." in page
    assert "市财政局" in author.get("/finance")


def test_a_language_that_there_is_not_is_not_chosen(app):
    token = app.get("/login").forms[0]["csrf_token"].value
    app.post("/language", {"csrf_token": token, "lang": "xx"}, status=404)

def test_health(visitor):
    assert visitor.get("/health").json() == {"status": "ok"}
def test_sees_notices(alice_browser):
    assert alice_browser.post("/sign-out").status_code == 303

with_servers { "lobby" }
with_settings [[return { every = 60, messages = { { en = "One", ja = "いち" }, { en = "Two" } } }]]

test("everybody reads one message after the other, in their language", function()
    local mika = join { name = "Mika", locale = "ja_jp" }
    local ken = join { name = "Ken" }

    advance(59)
    expect(#ken.messages, 0)
    advance(61)
    expect(ken.messages[1], "One")
    expect(ken.messages[2], "Two")
    expect(mika.messages[1], "いち")
    expect(mika.messages[2], "Two")
    advance(60)
    expect(ken.messages[3], "One")
end)

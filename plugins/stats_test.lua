with_settings [[return { purpose = "analytics" }]]

test("playing time grows for who agreed", function()
    local mika = join { name = "Mika", purposes = { "analytics" } }

    advance(130)
    mika:command("/playtime")
    mika:sees("You have played for 0 hours and 2 minutes.")
    mika:leave()
    advance(120)
    mika = join { name = "Mika", purposes = { "analytics" } }
    advance(60)
    mika:command("/playtime")
    mika:sees("You have played for 0 hours and 3 minutes.")
end)

test("nothing is counted of who did not agree", function()
    local ken = join { name = "Ken" }

    advance(60)
    ken:command("/playtime")
    ken:sees("Your playing time is not counted.")
end)

test("a report waits until staff read it", function()
    local staff = join { name = "Sora", permissions = { "staff.reports" } }

    join { name = "Mika" }:command("/report somebody shouts")
    staff:sees("New report: /reports")
    staff:command("/reports")
    staff:sees(": somebody shouts")
    staff:command("/reports")
    staff:sees("No report waits.")
end)

test("an alert reaches everybody in their language", function()
    local player = join { name = "Mika", locale = "ja_jp" }

    join { name = "Sora", permissions = { "staff.alert" } }:command("/alert five minutes left")
    player:sees("[スタッフ] five minutes left")
end)

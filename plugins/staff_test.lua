with_servers { "lobby" }

test("a report waits until staff say that it is done", function()
    local staff = join { name = "Sora", permissions = { "staff.reports" } }
    local player = join { name = "Mika" }

    player:command("/report somebody shouts")
    player:sees("The staff have your report.")
    staff:sees("Reports wait: /reports")
    staff:command("/reports")
    staff:sees("0 min ago: somebody shouts [Done]")
    player:leave()
    advance(60)
    staff:command("/reports")
    staff:sees("1 min ago: somebody shouts")
    advance(60)
    join { name = "Mika" }
    staff:command("/reports")
    staff:sees("2 min ago: somebody shouts")
    staff:sees("Reports in all: 1")
    staff:command("/reports 7")
    staff:sees("There is no such report.")
    staff:command("/reports 2")
    staff:sees("The report is closed.")
    staff:command("/reports")
    staff:sees("No report waits.")
end)

test("a player has so many reports that wait, and staff read of them when they come", function()
    local player = join { name = "Mika", locale = "ja_jp" }

    for _ = 1, 4 do
        player:command("/report it is loud")
        advance(1)
    end
    player:sees("報告が混み合っています")
    join { name = "Sora", permissions = { "staff.reports" } }:sees("Reports wait: /reports")
end)

test("an alert reaches everybody in their language", function()
    local player = join { name = "Mika", locale = "ja_jp" }

    join { name = "Sora", permissions = { "staff.alert" } }:command("/alert five minutes left")
    player:sees("[スタッフ] five minutes left")
end)

with_settings [[return { hours = { { from = 0, to = 24, description = "All day" } } }]]

test("from 0 to 24 is all day", function()
    expect(ping().description, "All day")
end)

test("in maintenance only those stay and come in who may", function()
    local staff = join { name = "Sora", permissions = { "motd.maintenance" } }
    local player = join { name = "Aoi", locale = "ja_jp" }

    staff:command("/maintenance on")
    staff:sees("Maintenance has begun.")
    player:sees("現在メンテナンス中です。")
    join { name = "Mika" }:sees("We are doing maintenance.")
    expect(join { name = "Ken", permissions = { "motd.join" } }.online, true)
    staff:command("/maintenance off")
    expect(join { name = "Mika" }.online, true)
end)

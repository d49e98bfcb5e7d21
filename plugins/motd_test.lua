test("in maintenance only those come in who may", function()
    local staff = join { name = "Sora", permissions = { "motd.maintenance" } }

    staff:command("/maintenance on")
    staff:sees("Maintenance has begun.")
    join { name = "Mika" }:sees("We are doing maintenance.")
    expect(join { name = "Ken", permissions = { "motd.join" } }.online, true)
    staff:command("/maintenance off")
    expect(join { name = "Mika" }.online, true)
end)

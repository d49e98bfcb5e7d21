with_servers { "lobby", "survival" }
with_settings [[return { places = { survival = 1 } }]]

test("who waits keeps their place, and comes in when there is room", function()
    local first = join { name = "Sora", server = "survival" }
    local second = join { name = "Mika", server = "survival" }
    local third = join { name = "Ken", server = "survival" }

    expect(first.server, "survival")
    expect(second.server, "lobby")
    second:sees("Your place in the queue: 1")
    third:sees("Your place in the queue: 2")
    advance(2)
    expect(third.action_bar, "Queue: place 2")
    second:leave()
    second = join { name = "Mika", server = "survival" }
    second:sees("Your place in the queue: 1")
    first:leave()
    advance(2)
    expect(second.server, "survival")
    expect(third.server, "lobby")
    third:command("/queue leave")
    third:sees("You are out of the queue.")
    second:leave()
    advance(2)
    expect(third.server, "lobby")
end)

test("some wait before others, and some do not wait", function()
    local staff = join { name = "Sora", server = "survival" }
    local player = join { name = "Ken", server = "survival" }
    local friend = join { name = "Mika", server = "survival", permissions = { "queue.first" } }

    friend:sees("Your place in the queue: 1")
    player:command("/queue")
    player:sees("Queue: place 2")
    expect(join { name = "Aoi", server = "survival", permissions = { "queue.skip" } }.server, "survival")
    expect(staff.online, true)
end)

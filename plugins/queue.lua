-- When a server is full, players wait for it where they are, and are taken in one after the other.
-- Who has the permission queue.first waits before the others, and who has queue.skip does not wait.
plugin { name = "queue", version = "1.0.0", optional = true }

local own = settings({
    places = {}, -- SERVER = how many players it takes
    wait_at = "lobby", -- for those who are nowhere yet
}, {
    wait_at = "server",
    places = function(places)
        local known = {}

        for _, server in ipairs(servers()) do
            known[server] = true
        end
        for server, number in pairs(places) do
            if not known[server] then
                return "is of " .. server .. ", which is no server of the configuration"
            elseif type(number) ~= "number" or number < 1 then
                return "has to be how many players each server takes: { " .. server .. " = 20 }"
            end
        end
        return not next(places) and "has to be how many players each server takes: { survival = 20 }"
    end,
})

if own.places[own.wait_at] then
    error("players cannot wait at " .. own.wait_at .. " and for it; name another server as wait_at")
end

local COMING_SECONDS = 30 -- so long a place is kept for who is on the way,
local AWAY_SECONDS = 120 -- and one in the queue for who lost the connection

local words = {
    waits = translated {
        en = "The server is full. Your place in the queue: ",
        ja = "満員のため順番待ちに入りました。現在の順番: ",
    },
    place = translated { en = "Queue: place ", ja = "順番待ち: " },
    left = translated { en = "You are out of the queue.", ja = "順番待ちをやめました。" },
    none = translated { en = "You are not in the queue.", ja = "順番待ちはしていません。" },
}

local queues = {} -- by server: players, the first in front
local coming = {} -- by player: { server = who has a place for them, time = since when }
local away = {} -- by hash of a player: { server = ..., place = ..., time = since when }

for server in pairs(own.places) do
    queues[server] = {}
end

-- The server for which a player waits, and how many are in front, with them; nil: none.
local function place_of(player)
    for server, queue in pairs(queues) do
        for place, each in ipairs(queue) do
            if each == player then
                return server, place
            end
        end
    end
end

local function leave(player)
    local server, place = place_of(player)

    if server then
        table.remove(queues[server], place)
    end
    return server, place
end

local function is_coming(player, server)
    local place = coming[player]

    return place and place.server == server and now() - place.time < COMING_SECONDS
end

local function has_room(server)
    local taken = 0

    for _, player in ipairs(players()) do
        if player.server == server or is_coming(player, server) then
            taken = taken + 1
        end
    end
    return taken < own.places[server]
end

local function keep_place(player, server)
    coming[player] = { server = server, time = now() }
end

local function line_up(player, server)
    local queue = queues[server]
    local before = away[player:hash()]
    local place = #queue + 1

    away[player:hash()] = nil
    if before and before.server == server and now() - before.time < AWAY_SECONDS then
        place = math.min(before.place, place)
    elseif player:may("queue.first") then
        place = 1
        while queue[place] and queue[place]:may("queue.first") do
            place = place + 1
        end
    end
    table.insert(queue, place, player)
end

on("server.connect", function(player, event)
    local server = event.server
    local queue = queues[server]

    if not queue or is_coming(player, server) then
        return
    elseif player:may("queue.skip") or (#queue == 0 and has_room(server)) then
        leave(player)
        keep_place(player, server)
        return
    elseif place_of(player) ~= server then
        leave(player)
        line_up(player, server)
    end
    local _, place = place_of(player)

    if player.server then
        event:deny(words.waits .. place)
    else
        event:redirect(own.wait_at, words.waits .. place)
    end
end)

on("server.connected", function(player)
    coming[player] = nil
end)

on("server.kicked", function(player)
    coming[player] = nil
end)

on("player.disconnect", function(player)
    local server, place = leave(player)

    coming[player] = nil
    if server then
        away[player:hash()] = { server = server, place = place, time = now() }
    end
end)

every(2, function()
    for server, queue in pairs(queues) do
        while queue[1] and has_room(server) do
            local player = table.remove(queue, 1)

            keep_place(player, server)
            after(0, function()
                if not player:connect(server) then
                    coming[player] = nil
                end
            end)
        end
        for place, player in ipairs(queue) do
            player:action_bar(words.place .. place)
        end
    end
    for code, each in pairs(away) do
        if now() - each.time >= AWAY_SECONDS then
            away[code] = nil
        end
    end
end)

on("plugin.save", function()
    local state = {}

    for server, queue in pairs(queues) do
        state[server] = {}
        for place, player in ipairs(queue) do
            state[server][place] = player:hash()
        end
    end
    return state
end)

on("plugin.restore", function(state)
    local here = {}

    for _, player in ipairs(players()) do
        here[player:hash()] = player
    end
    for server, codes in pairs(state) do
        for _, code in ipairs(codes) do
            if queues[server] and here[code] then
                table.insert(queues[server], here[code])
            end
        end
    end
end)

command("queue", {
    description = "your place in the queue; leave: not to wait any more",
    arguments = { { "what", "choice", choices = { "leave" }, optional = true } },
}, function(player, arguments)
    local _, place = place_of(player)

    if not place then
        return words.none
    elseif arguments.what then
        leave(player)
        return words.left
    end
    return words.place .. place
end)

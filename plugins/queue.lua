-- When a server is full, players wait for it where they are, and are taken in one after the other.
plugin { name = "queue", version = "1.0.0", optional = true }

local own = settings {
    server = "survival",
    places = 20,
    wait_at = "lobby", -- for those who are nowhere yet
}

local COMING_SECONDS = 30 -- so long a place is kept for who is on the way

local words = {
    waits = translated {
        en = "The server is full. Your place in the queue: ",
        ja = "満員のため順番待ちに入りました。現在の順番: ",
    },
    place = translated { en = "Queue: place ", ja = "順番待ち: " },
    left = translated { en = "You are out of the queue.", ja = "順番待ちをやめました。" },
    none = translated { en = "You are not in the queue.", ja = "順番待ちはしていません。" },
}

local waiting = {} -- players, the first in front
local coming = {} -- by player: when they were let through

local function place_of(player)
    for place, each in ipairs(waiting) do
        if each == player then
            return place
        end
    end
end

local function leave(player)
    local place = place_of(player)

    if place then
        table.remove(waiting, place)
    end
    return place
end

local function has_room()
    local taken = 0

    for _, player in ipairs(players()) do
        local is_coming = coming[player] and now() - coming[player] < COMING_SECONDS

        taken = taken + ((player.server == own.server or is_coming) and 1 or 0)
    end
    return taken < own.places
end

on("server.connect", function(player, event)
    if event.server ~= own.server then
        return
    elseif player:may("queue.skip") or (has_room() and (#waiting == 0 or waiting[1] == player)) then
        leave(player)
        coming[player] = now()
        return
    elseif not place_of(player) then
        table.insert(waiting, player)
    end
    local told = words.waits .. place_of(player)

    if player.server then
        event:deny(told)
    else
        event:redirect(own.wait_at, told)
    end
end)

on("server.connected", function(player)
    coming[player] = nil
end)

on("player.disconnect", function(player)
    leave(player)
    coming[player] = nil
end)

every(2, function()
    if waiting[1] and has_room() then
        waiting[1]:connect(own.server)
    end
end)

every(2, function()
    for place, player in ipairs(waiting) do
        player:action_bar(words.place .. place)
    end
end)

command("queue", {
    description = "your place in the queue; leave: not to wait any more",
    arguments = { { "what", "choice", choices = { "leave" }, optional = true } },
}, function(player, arguments)
    local place = arguments.what and leave(player) or place_of(player)

    if not place then
        return words.none
    end
    return arguments.what and words.left or words.place .. place
end)

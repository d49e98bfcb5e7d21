-- /playtime: how long a player has played. It is counted of those who agreed to the purpose, from then
-- on, and is gone when they leave it out, or stay away for as long as the policy keeps it.
plugin { name = "stats", version = "1.0.0", optional = true }

local own = settings({ purpose = "playtime" }, { purpose = "purpose" })

local words = {
    none = translated {
        en = "Your playing time is not counted. /privacy choose lets you agree to it.",
        ja = "プレイ時間は記録されていません。/privacy choose で同意できます。",
    },
    played = translated { en = "You have played for ", ja = "プレイ時間: " },
    hours = translated { en = " hours and ", ja = "時間" },
    minutes = translated { en = " minutes.", ja = "分" },
}

local since = {} -- by player: until when it is counted; nil: they had not agreed

-- Returns the whole, or nil of those who did not agree. Waits.
local function count(player)
    local until_now = now()
    local more = until_now - (since[player] or until_now)

    since[player] = until_now
    local seconds = player:add("seconds", more, { purpose = own.purpose })

    if not seconds then
        since[player] = nil
    end
    return seconds
end

on("player.join", count)

every(60, function()
    for _, player in ipairs(players()) do
        count(player)
    end
end)

on("consent.withdrawn", function(player)
    since[player] = nil
end)

on("player.disconnect", function(player)
    if since[player] then
        count(player)
        since[player] = nil
    end
end)

on("plugin.save", function()
    local state = {}

    for player, time in pairs(since) do
        state[player:hash()] = time
    end
    return state
end)

on("plugin.restore", function(state)
    for _, player in ipairs(players()) do
        since[player] = state[player:hash()]
    end
end)

command("playtime", { description = "how long you have played" }, function(player)
    local seconds = count(player)

    if not seconds then
        return words.none
    end
    return words.played .. seconds // 3600 .. words.hours .. seconds % 3600 // 60 .. words.minutes
end)

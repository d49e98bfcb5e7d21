-- /playtime: how long a player has played. Only of those who agreed to the purpose is it counted.
plugin { name = "stats", version = "1.0.0", optional = true }

local own = settings {
    purpose = "statistics", -- one of the policy's
    keep = "", -- "": as long as the policy says
}

local words = {
    none = translated {
        en = "Your playing time is not counted. /privacy choose lets you agree to it.",
        ja = "プレイ時間は記録されていません。/privacy choose で同意できます。",
    },
    played = translated { en = "You have played for ", ja = "プレイ時間: " },
    hours = translated { en = " hours and ", ja = "時間" },
    minutes = translated { en = " minutes.", ja = "分" },
}

local options = { purpose = own.purpose, keep = own.keep ~= "" and own.keep or nil }
local since = {} -- by player: what they played until then is counted, or they had not agreed

-- Returns the whole, or nil of those who did not agree. Waits.
local function count(player)
    local until_now = now()
    local begun = since[player] or until_now

    since[player] = until_now
    return player:add("seconds", until_now - begun, options)
end

on("player.join", function(player)
    since[player] = now()
end)

every(60, function()
    for _, player in ipairs(players()) do
        count(player)
    end
end)

on("player.disconnect", function(player)
    if since[player] then
        count(player)
        since[player] = nil
    end
end)

command("playtime", { description = "how long you have played" }, function(player)
    local seconds = count(player)

    if not seconds then
        return words.none
    end
    return words.played .. seconds // 3600 .. words.hours .. seconds % 3600 // 60 .. words.minutes
end)

-- What the server list shows, by host name and time of day; and maintenance, in which only those
-- come in who have the permission motd.join. Nobody's language is known there: write all of them.
plugin { name = "motd", version = "1.0.0", optional = true }

local own = settings {
    description = "", -- "": as in sekisho.lua
    hosts = {}, -- ["event.example.net"] = "...": who typed this name (of the servers' `hosts`)
    hours = {}, -- { { from = 18, to = 23, description = "..." }, ... }: from 18:00 until 23:00
    utc_offset = 0, -- hours that local time is ahead of UTC
    maintenance = "Maintenance / メンテナンス中",
}

local words = {
    closed = translated {
        en = "We are doing maintenance. Please come back later.",
        ja = "現在メンテナンス中です。しばらくしてからお越しください。",
    },
    on = translated { en = "Maintenance has begun.", ja = "メンテナンスを開始しました。" },
    off = translated { en = "Maintenance is over.", ja = "メンテナンスを終了しました。" },
}

local closed -- nil: the store was not asked yet

local function is_closed()
    if closed == nil then
        closed = store.get("closed") or false
    end
    return closed
end

-- The description of the hours that it is, or nil. From 22 to 6 goes over midnight.
local function of_the_hour()
    local hour = (now() // 3600 + own.utc_offset) % 24

    for _, each in ipairs(own.hours) do
        local since = (hour - each.from) % 24

        if since < (each.to - each.from) % 24 then
            return each.description
        end
    end
end

on("ping", function(event)
    local description = own.hosts[event.host or ""] or of_the_hour() or own.description

    if is_closed() then
        event:show { description = own.maintenance, version = own.maintenance }
    elseif description ~= "" then
        event:show { description = description }
    end
end)

on("player.login", { priority = 90 }, function(player, event)
    if is_closed() and not player:may("motd.join") then
        event:deny(words.closed)
    end
end)

command("maintenance", {
    description = "let nobody in but staff, or everybody again",
    permission = "motd.maintenance",
    arguments = { { "state", "choice", choices = { "on", "off" } } },
}, function(_, arguments)
    closed = arguments.state == "on"
    store.put("closed", closed)
    return words[arguments.state]
end)

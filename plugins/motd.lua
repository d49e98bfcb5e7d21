-- What the server list shows, by host name and time of day; and maintenance, in which only those
-- stay and come in who have the permission motd.join or motd.maintenance. Nobody's language is known
-- to a server list: write all of them.
plugin { name = "motd", version = "1.0.0", optional = true }

local function is_hour(value)
    return type(value) == "number" and value >= 0 and value <= 24 and value % 1 == 0
end

local own = settings({
    description = "", -- "": as in sekisho.lua
    hosts = {}, -- ["event.example.net"] = "...": who typed this name (of the servers' `hosts`)
    hours = {}, -- { { from = 18, to = 23, description = "..." }, ... }: from 18:00 until 23:00
    maintenance = "Maintenance / メンテナンス中",
}, {
    hosts = function(hosts)
        for _, description in pairs(hosts) do
            if type(description) ~= "string" then
                return 'has to be texts by host name: { ["event.example.net"] = "..." }'
            end
        end
    end,
    hours = function(hours)
        for place, each in pairs(hours) do
            if
                type(each) ~= "table"
                or not (is_hour(each.from) and is_hour(each.to) and type(each.description) == "string")
            then
                return "has to be a list; "
                    .. place
                    .. ' is not { from = 18, to = 23, description = "..." }, with hours from 0 to 24'
            end
        end
    end,
})

local words = {
    closed = translated {
        en = "We are doing maintenance. Please come back later.",
        ja = "現在メンテナンス中です。しばらくしてからお越しください。",
    },
    on = translated { en = "Maintenance has begun.", ja = "メンテナンスを開始しました。" },
    off = translated { en = "Maintenance is over.", ja = "メンテナンスを終了しました。" },
    failed = translated {
        en = "That did not work; please try again later.",
        ja = "うまくいきませんでした。後でもう一度お試しください。",
    },
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
    local hour = tonumber(date("%H"))

    for _, each in ipairs(own.hours) do
        local since = (hour - each.from) % 24
        local is_day = each.to - each.from == 24

        if is_day or since < (each.to - each.from) % 24 then
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

local function stays_out(player)
    return closed and not player:may("motd.join") and not player:may("motd.maintenance")
end

on("player.login", { priority = 90 }, function(player, event)
    if is_closed() and stays_out(player) then
        event:deny(words.closed)
    end
end)

command("maintenance", {
    description = "let nobody in but staff, or everybody again",
    permission = "motd.maintenance",
    arguments = { { "state", "choice", choices = { "on", "off" } } },
}, function(_, arguments)
    local on = arguments.state == "on"

    if not store.put("closed", on) then
        return words.failed
    end
    closed = on
    for _, player in ipairs(players()) do
        if stays_out(player) then
            player:disconnect(words.closed)
        end
    end
    return words[arguments.state]
end)

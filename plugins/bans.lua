-- Keeps players out, for a time. Of a ban only a keyed hash is kept, which leads back to nobody, one
-- of the configured reasons, and when it ends: so it may stay when the player has their data erased.
-- It lasts no longer than the policy keeps something for its purpose.
plugin {
    name = "bans",
    version = "1.0.0",
    reads = { ["player.name"] = "service", ["player.uuid"] = "service" }, -- to find whom staff name
    optional = true,
    required = true, -- who cannot be looked up does not come in
}

local own = settings({
    purpose = "service",
    days = 30, -- of a ban that says nothing else
    reasons = {}, -- NAME = { en = "...", ja = "..." }; of a ban no other words are kept
}, {
    purpose = "purpose",
    days = { min = 1 },
    reasons = function(reasons)
        for name, reason in pairs(reasons) do
            if type(name) ~= "string" or not pcall(translated, reason) then
                return 'has to be reasons by name: { NAME = { en = "...", ja = "..." } }; '
                    .. name
                    .. " is none"
            end
        end
    end,
})

if purpose(own.purpose).optional then
    error(own.purpose .. " is a purpose that players choose; name one that all accept in the settings")
end

local HOUR = 3600
local DAY = 24 * HOUR
local UNITS = { m = 60, h = HOUR, d = DAY }
local LONGEST = purpose(own.purpose).keep
local CODE_LETTERS = 8
local SHOWN = 20 -- by /bans

local words = {
    banned = translated {
        en = "You are banned from this server.",
        ja = "このサーバーへの参加は禁止されています。",
    },
    reason = translated { en = "Reason: ", ja = "理由: " },
    days = translated { en = "Days left: ", ja = "残り日数: " },
    hours = translated { en = "Hours left: ", ja = "残り時間(時間): " },
    done = translated { en = "Banned. Code: ", ja = "参加を禁止しました。コード: " },
    undone = translated { en = "The ban is lifted.", ja = "参加の禁止を解きました。" },
    none = translated { en = "There is no such ban.", ja = "該当する禁止はありません。" },
    nobody = translated { en = "Nobody is banned.", ja = "参加を禁止されている方はいません。" },
    count = translated { en = "Bans in all: ", ja = "禁止の総数: " },
    time = translated {
        en = "Write the time as 30m, 12h or 7d.",
        ja = "期間は 30m、12h、7d のように指定してください。",
    },
    long = translated {
        en = "The policy lets a ban last so many days at most: ",
        ja = "ポリシーで定められた最長の日数: ",
    },
    unknown = translated {
        en = "Nobody of this name has been here; a UUID can be banned all the same.",
        ja = "その名前の方はまだ来ていません。UUID なら指定できます。",
    },
    failed = translated {
        en = "That did not work; the log says why.",
        ja = "うまくいきませんでした。詳細はログをご覧ください。",
    },
}

local reasons = {
    griefing = translated { en = "griefing", ja = "荒らし行為" },
    cheating = translated { en = "cheating", ja = "不正行為" },
    harassment = translated { en = "harassment", ja = "嫌がらせ" },
}
local choices = {}

for name, reason in pairs(own.reasons) do
    reasons[name] = translated(reason)
end
for name in pairs(reasons) do
    table.insert(choices, name)
end
table.sort(choices)

-- "30m", "12h", "7d", or days; nil: it is no time.
local function seconds_of(time)
    local unit = UNITS[time:sub(-1)]
    local digits = unit and time:sub(1, -2) or time
    local count = #digits < 7 and tonumber(digits, 10)

    return count and count > 0 and count * (unit or DAY) or nil
end

-- Reasons may have left the settings since.
local function about(ban, line)
    local left = ban.ends - now()
    local is_long = left > 2 * DAY
    local unit = is_long and DAY or HOUR

    return words.reason
        .. (reasons[ban.reason] or ban.reason)
        .. line
        .. (is_long and words.days or words.hours)
        .. (left + unit - 1) // unit
end

-- Of a player, or of the name of somebody who was here, or of a UUID.
local function hash_of(who)
    local found = type(who) ~= "string" and who or person(who)

    return found and found:hash() or hash(who)
end

-- Where a ban is, also by the code that /bans shows; nil: nowhere.
local function find(who)
    local whole = hash_of(who)

    if whole then
        return "ban:" .. whole
    elseif #who == CODE_LETTERS then
        local rows = store.list("ban:" .. who:lower(), { limit = 1 })

        return rows and rows[1] and rows[1].key
    end
end

on("player.login", { priority = 100 }, function(player, event)
    local ban, why = store.get("ban:" .. player:hash())

    if ban then
        event:deny(words.banned .. "\n" .. about(ban, "\n"))
    elseif why then
        event:deny() -- the bans cannot be read
    end
end)

command("ban", {
    description = "keep a player out, by name or UUID, for so many days, or a time as 30m, 12h, 7d",
    permission = "bans.edit",
    arguments = {
        { "who", "person" },
        { "reason", "choice", choices = choices },
        { "time", "word", optional = true },
    },
}, function(_, arguments)
    local code = hash_of(arguments.who)
    local seconds = math.min(own.days * DAY, LONGEST)

    if arguments.time then
        seconds = seconds_of(arguments.time)
    end
    if not code then
        return words.unknown
    elseif not seconds then
        return words.time
    elseif seconds > LONGEST then
        return words.long .. LONGEST // DAY
    end
    local ban = { reason = arguments.reason, ends = now() + seconds }
    local kept, why = store.put("ban:" .. code, ban, { expires = seconds })

    if not kept then
        log.error("the ban was not kept: " .. why)
        return words.failed
    end
    for _, player in ipairs(players()) do
        if player:hash() == code then
            player:disconnect(words.banned .. "\n" .. about(ban, "\n"))
        end
    end
    return words.done .. code:sub(1, CODE_LETTERS)
end)

command("unban", {
    description = "lift a ban, by name, UUID or code",
    permission = "bans.edit",
    arguments = { { "who", "word" } },
}, function(_, arguments)
    local key = find(arguments.who)

    return key and store.delete(key) and words.undone or words.none
end)

command("bans", {
    description = "the bans that there are",
    permission = "bans.edit",
}, function(player)
    local rows = store.list("ban:", { limit = SHOWN })

    if not rows or #rows == 0 then
        return words.nobody
    end
    for _, row in ipairs(rows) do
        local code = row.key:sub(#"ban:" + 1, #"ban:" + CODE_LETTERS)

        player:send(code .. "  " .. about(row.value, "  "))
    end
    return words.count .. (store.count("ban:") or #rows)
end)

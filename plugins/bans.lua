-- Keeps players out, for a time. Of a ban only a keyed hash is kept, which leads back to nobody, one
-- of the configured reasons, and when it ends: so it may stay when the player has their data erased.
plugin {
    name = "bans",
    version = "1.0.0",
    reads = { ["player.name"] = "service", ["player.uuid"] = "service" }, -- to find whom staff name
    optional = true,
}

local own = settings {
    days = 30, -- of a ban that says nothing else
    longest = 3650,
    reasons = {}, -- NAME = { en = "...", ja = "..." }; of a ban no other words are kept
}

local DAY = 24 * 3600
local CODE_LETTERS = 8

local words = {
    banned = translated {
        en = "You are banned from this server.",
        ja = "このサーバーへの参加は禁止されています。",
    },
    reason = translated { en = "Reason: ", ja = "理由: " },
    left = translated { en = "Days left: ", ja = "残り日数: " },
    done = translated { en = "Banned. Code: ", ja = "参加を禁止しました。コード: " },
    undone = translated { en = "The ban is lifted.", ja = "参加の禁止を解きました。" },
    none = translated { en = "There is no such ban.", ja = "該当する禁止はありません。" },
    nobody = translated { en = "Nobody is banned.", ja = "参加を禁止されている方はいません。" },
    unknown = translated {
        en = "Nobody of this name has been here.",
        ja = "その名前の方はまだ来ていません。",
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

local function key_of(who)
    return "ban:" .. who:hash()
end

-- Reasons may have left the settings since.
local function about(ban)
    local days = (ban.ends - now() + DAY - 1) // DAY

    return words.reason .. (reasons[ban.reason] or ban.reason) .. "\n" .. words.left .. days
end

-- Of a player's name, or of the code that /bans shows; nil: there is none.
local function find(name_or_code)
    local who = person(name_or_code)

    if who then
        return key_of(who)
    elseif #name_or_code == CODE_LETTERS then
        local rows = store.list("ban:" .. name_or_code:lower(), { limit = 1 })

        return rows and rows[1] and rows[1].key
    end
end

on("player.login", { priority = 100 }, function(player, event)
    local ban = store.get(key_of(player))

    if ban then
        event:deny(words.banned .. "\n" .. about(ban))
    end
end)

command("ban", {
    description = "keep a player out",
    permission = "bans.edit",
    arguments = {
        { "name", "word" },
        { "reason", "choice", choices = choices },
        { "days", "integer", min = 1, max = own.longest, optional = true },
    },
}, function(_, arguments)
    local who = person(arguments.name)
    local days = arguments.days or own.days
    local ban = { reason = arguments.reason, ends = now() + days * DAY }

    if not who then
        return words.unknown
    end
    local kept, why = store.put(key_of(who), ban, { expires = days .. "d" })

    if not kept then
        log.error("the ban was not kept: " .. why)
        return words.failed
    end
    for _, player in ipairs(players()) do
        if player:hash() == who:hash() then
            player:disconnect(words.banned .. "\n" .. about(ban))
        end
    end
    return words.done .. who:hash():sub(1, CODE_LETTERS)
end)

command("unban", {
    description = "lift a ban, by name or by code",
    permission = "bans.edit",
    arguments = { { "who", "word" } },
}, function(_, arguments)
    local key = find(arguments.who)

    return key and store.delete(key) and words.undone or words.none
end)

command("bans", { description = "the bans that there are", permission = "bans.edit" }, function(player)
    local rows = store.list("ban:")

    if not rows or #rows == 0 then
        return words.nobody
    end
    for _, row in ipairs(rows) do
        player:send(row.key:sub(#"ban:" + 1, #"ban:" + CODE_LETTERS) .. "\n" .. about(row.value))
    end
end)

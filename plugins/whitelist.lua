-- Lets in only who is on the list. There stands of a player only a code: a part of a keyed hash, which
-- leads back to nobody. Who is not listed is told theirs, and staff add that, or the name of somebody
-- who was here, or a UUID. A code stays for as long as its player comes now and then.
plugin {
    name = "whitelist",
    version = "1.0.0",
    reads = { ["player.name"] = "service", ["player.uuid"] = "service" }, -- to find whom staff name
    optional = true,
    required = true, -- who cannot be looked up does not come in
}

local own = settings(
    { purpose = "service", code_letters = 10 },
    { purpose = "purpose", code_letters = { min = 6, max = 64 } }
)

if purpose(own.purpose).optional then
    error(own.purpose .. " is a purpose that players choose; name one that all accept in the settings")
end

local KEEP = purpose(own.purpose).keep -- in seconds, since the player's last visit

local words = {
    not_listed = translated {
        en = "You are not on the list of this server yet. Give its staff this code: ",
        ja = "まだ参加リストに載っていません。スタッフに次のコードをお伝えください: ",
    },
    put_out = translated {
        en = "You are not on the list of this server any more.",
        ja = "参加リストから外されました。",
    },
    added = translated { en = "On the list now: ", ja = "リストに追加しました: " },
    removed = translated { en = "Off the list now: ", ja = "リストから外しました: " },
    absent = translated { en = "Not on the list: ", ja = "リストにありません: " },
    count = translated { en = "Players on the list: ", ja = "リストの人数: " },
    unknown = translated {
        en = "That is no code, and nobody of this name has been here.",
        ja = "コードの形式が正しくないか、その名前の方はまだ来ていません。",
    },
    failed = translated {
        en = "The list cannot be read now; please try again later.",
        ja = "現在リストを確認できません。後でもう一度お試しください。",
    },
}

local function code_of(player)
    return player:hash():sub(1, own.code_letters)
end

local function list(code)
    return store.put("listed:" .. code, true, { expires = KEEP })
end

-- Of a player, a name, a UUID or a code; nil: it is none of them.
local function find(who)
    local found = type(who) ~= "string" and who or person(who)
    local whole = found and found:hash() or hash(who)

    if whole then
        return whole:sub(1, own.code_letters)
    end
    return #who == own.code_letters and tonumber(who, 16) and who:lower() or nil
end

local function put_out(code)
    for _, player in ipairs(players()) do
        if code_of(player) == code and not player:may("whitelist.skip") then
            player:disconnect(words.put_out)
        end
    end
end

on("player.login", { priority = 50 }, function(player, event)
    local code = code_of(player)
    local listed, why = store.get("listed:" .. code)

    if listed then
        list(code)
    elseif not player:may("whitelist.skip") then
        event:deny(why and words.failed or words.not_listed .. code)
    end
end)

command("whitelist", {
    description = "who may join: add or remove a code, a name or a UUID, or count",
    permission = "whitelist.edit",
    arguments = {
        { "action", "choice", choices = { "add", "remove", "count" } },
        { "who", "person", optional = true },
    },
}, function(_, arguments)
    local code = arguments.who and find(arguments.who)

    if arguments.action == "count" then
        local count = store.count("listed:")

        return count and words.count .. count or words.failed
    elseif not code then
        return words.unknown
    elseif arguments.action == "add" then
        return list(code) and words.added .. code or words.failed
    elseif not store.delete("listed:" .. code) then
        return words.absent .. code
    end
    put_out(code)
    return words.removed .. code
end)

-- Lets in only who is on the list. Who is not is told a code, and staff put that on the list: a part
-- of a keyed hash, which leads back to nobody. It stays for as long as its player comes now and then.
plugin { name = "whitelist", version = "1.0.0", optional = true }

local own = settings { code_letters = 10, keep = "365d" } -- keep: since the player's last visit

local words = {
    not_listed = translated {
        en = "You are not on the list of this server yet. Give its staff this code: ",
        ja = "まだこのサーバーの参加リストに載っていません。スタッフに次のコードをお伝えください: ",
    },
    added = translated { en = "The code is on the list.", ja = "コードをリストに追加しました。" },
    removed = translated { en = "The code is off the list.", ja = "コードをリストから外しました。" },
    absent = translated { en = "The code was not on the list.", ja = "そのコードはリストにありません。" },
    no_code = translated { en = "That is no code.", ja = "コードの形式が正しくありません。" },
}

local function list(code)
    return store.put("listed:" .. code, true, { expires = own.keep })
end

on("player.login", { priority = 50 }, function(player, event)
    local code = player:hash():sub(1, own.code_letters)

    if store.get("listed:" .. code) then
        list(code)
    elseif not player:may("whitelist.skip") then
        event:deny(words.not_listed .. code)
    end
end)

command("whitelist", {
    description = "who may join",
    permission = "whitelist.edit",
    arguments = { { "action", "choice", choices = { "add", "remove" } }, { "code", "word" } },
}, function(_, arguments)
    local code = arguments.code:lower()

    if #code ~= own.code_letters or not tonumber(code, 16) then
        return words.no_code
    elseif arguments.action == "add" then
        return list(code) and words.added
    end
    return store.delete("listed:" .. code) and words.removed or words.absent
end)

-- For those who look after the servers: /find, /send, /alert, and the reports that players make.
-- A name reads as the reader's server may know it.
plugin { name = "staff", version = "1.0.0", reads = { ["player.name"] = "service" }, optional = true }

local own = settings { reports = 50, reports_each = 3 } -- that wait at most; of one player

local words = {
    on = translated { en = " is on ", ja = " さんのいるサーバー: " },
    nowhere = translated { en = " is between servers.", ja = " さんはサーバー間を移動中です。" },
    sent = translated { en = "Sent.", ja = "送りました。" },
    stays = translated { en = "They did not get there.", ja = "移動させられませんでした。" },
    alert = translated { en = "[Staff] ", ja = "[スタッフ] " },
    thanks = translated {
        en = "Thank you. The staff have your report.",
        ja = "ありがとうございます。スタッフに伝えました。",
    },
    full = translated {
        en = "There are many reports already; please try again later.",
        ja = "報告が混み合っています。後でもう一度お試しください。",
    },
    fresh = translated { en = "New report: /reports", ja = "新しい報告があります: /reports" },
    none = translated { en = "No report waits.", ja = "報告はありません。" },
}

local reports = {} -- { player = player, by = name, about = text }; gone when Sekisho ends

local function name(player)
    return player.name or "?"
end

local function is_full(player)
    local count = 0

    for _, report in ipairs(reports) do
        count = count + (report.player == player and 1 or 0)
    end
    return #reports >= own.reports or count >= own.reports_each
end

command("find", {
    description = "where a player is",
    permission = "staff.find",
    arguments = { { "who", "player" } },
}, function(_, arguments)
    local who = arguments.who

    return name(who) .. (who.server and words.on .. who.server or words.nowhere)
end)

command("send", {
    description = "take a player to a server",
    permission = "staff.send",
    arguments = { { "who", "player" }, { "where", "server" } },
}, function(_, arguments)
    return arguments.who:connect(arguments.where) and words.sent or words.stays
end)

command("alert", {
    description = "tell everybody",
    permission = "staff.alert",
    arguments = { { "words", "greedy" } },
}, function(_, arguments)
    for _, player in ipairs(players()) do
        player:send(text { words.alert .. arguments.words, color = "red" })
    end
end)

command("report", {
    description = "tell the staff of something",
    arguments = { { "about", "greedy" } },
}, function(player, arguments)
    if is_full(player) then
        return words.full
    end
    table.insert(reports, { player = player, by = name(player), about = arguments.about })
    for _, each in ipairs(players()) do
        if each:may("staff.reports") then
            each:send(words.fresh)
        end
    end
    return words.thanks
end)

command("reports", { description = "the oldest report that waits", permission = "staff.reports" }, function()
    local report = table.remove(reports, 1)

    return report and report.by .. ": " .. report.about or words.none
end)

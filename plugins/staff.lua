-- For those who look after the servers: /find, /send, /alert, and the reports that players make.
-- A name reads as the reader's server may know it. A report is kept as its player's own: they see it
-- in /privacy data, and it goes with their data. After a restart it waits until they are back.
plugin {
    name = "staff",
    version = "1.0.0",
    reads = { ["player.name"] = "service", ["chat.command"] = "service" },
    optional = true,
}

local own = settings({
    days = 7, -- so long a report is kept
    reports = 50, -- that wait at most
    reports_each = 3, -- of one player
}, { days = { min = 1 }, reports = { min = 1 }, reports_each = { min = 1 } })

local KEEP = math.min(own.days * 24 * 3600, purpose("service").keep)
local SHOWN = 5 -- by /reports

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
    failed = translated {
        en = "The report could not be kept; please try again later.",
        ja = "報告を保存できませんでした。後でもう一度お試しください。",
    },
    fresh = translated { en = "Reports wait: /reports", ja = "報告があります: /reports" },
    none = translated { en = "No report waits.", ja = "報告はありません。" },
    waiting = translated { en = "Reports in all: ", ja = "報告の総数: " },
    ago = translated { en = " min ago: ", ja = " 分前: " },
    done = translated { en = "[Done]", ja = "[完了]" },
    closed = translated { en = "The report is closed.", ja = "報告を完了にしました。" },
    unknown = translated { en = "There is no such report.", ja = "その番号の報告はありません。" },
}

local reports = {} -- { number = ..., player = ..., by = their name, key = of theirs, time = ... }
local last = 0 -- number

local function name(player)
    return player.name or "?"
end

local function add(player, key)
    last = last + 1
    table.insert(reports, {
        number = last,
        player = player,
        by = name(player),
        key = key,
        time = math.floor(tonumber(key:sub(#"report:" + 1))),
    })
    return last
end

local function count(player)
    local sum = 0

    for _, report in ipairs(reports) do
        sum = sum + (report.player == player and 1 or 0)
    end
    return sum
end

local function remove(number)
    for place, report in ipairs(reports) do
        if report.number == number then
            return table.remove(reports, place)
        end
    end
end

-- What the player reported before Sekisho, or this plugin, began anew, or before they left. What they
-- report while the store is asked stands there already.
local function recall(player)
    local rows = player:list("report:") or {}
    local fresh = {} -- by key

    for place = #reports, 1, -1 do
        local report = reports[place]

        if report.player == player then
            fresh[report.key] = true
        elseif report.player:hash() == player:hash() then
            table.remove(reports, place)
        end
    end
    for _, row in ipairs(rows) do
        if not fresh[row.key] then
            add(player, row.key)
        end
    end
    table.sort(reports, function(a, b)
        return a.time < b.time
    end)
end

on("proxy.start", function()
    for _, player in ipairs(players()) do
        recall(player)
    end
end)

on("player.join", function(player)
    recall(player)
    if #reports > 0 and player:may("staff.reports") then
        player:send(words.fresh)
    end
end)

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
    local key = "report:" .. now() .. "." .. last

    if #reports >= own.reports or count(player) >= own.reports_each then
        return words.full
    end
    local number = add(player, key) -- before it waits, in which they may report more

    if not player:put(key, arguments.about, { purpose = "service", keep = KEEP }) then
        remove(number)
        return words.failed
    end
    for _, each in ipairs(players()) do
        if each:may("staff.reports") then
            each:send(words.fresh)
        end
    end
    return words.thanks
end)

-- Their player may have had one erased, or its time is over.
local function show(reader, report)
    local about = report.player:get(report.key)

    if not about then
        remove(report.number)
        return
    end
    reader:send(text {
        "#" .. report.number .. " " .. report.by .. ", ",
        (now() - report.time) // 60 .. words.ago .. about .. " ",
        text { words.done, color = "gold", run_command = "/reports " .. report.number },
    })
end

command("reports", {
    description = "the oldest reports that wait; with a number: it is done",
    permission = "staff.reports",
    arguments = { { "number", "integer", min = 1, optional = true } },
}, function(player, arguments)
    if arguments.number then
        local report = remove(arguments.number)

        if report then
            report.player:delete(report.key)
        end
        return report and words.closed or words.unknown
    end
    local shown = table.move(reports, 1, math.min(SHOWN, #reports), 1, {})

    for _, report in ipairs(shown) do
        show(player, report)
    end
    return #reports == 0 and words.none or words.waiting .. #reports
end)

-- Says something now and then, to everybody in their own language.
plugin { name = "announcer", version = "1.0.0", optional = true }

local own = settings {
    every = 600, -- seconds between two messages
    color = "yellow",
    messages = {}, -- { { en = "...", ja = "..." }, ... }, one after the other
}

local messages = {}
local last = 0

for place, message in ipairs(own.messages) do
    messages[place] = text { translated(message), color = own.color }
end

every(own.every, function()
    if #messages == 0 then
        return
    end
    last = last % #messages + 1
    for _, player in ipairs(players()) do
        player:send(messages[last])
    end
end)

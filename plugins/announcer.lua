-- Says something now and then, to everybody in their own language.
plugin { name = "announcer", version = "1.0.0", optional = true }

local own = settings({
    every = 600, -- seconds between two messages
    color = "yellow",
    messages = {}, -- { { en = "...", ja = "..." }, ... }, one after the other
}, {
    every = { min = 1 },
    color = function(color)
        return not pcall(text, { "", color = color })
            and 'has to be one of the sixteen, as "gold", or "#ffaa00"'
    end,
    messages = function(messages)
        if #messages == 0 then
            return 'has to be a list: { { en = "...", ja = "..." }, ... }'
        end
        for place, message in ipairs(messages) do
            if not pcall(translated, message) then
                return "has to be a list of texts by language; number "
                    .. place
                    .. ' is not { en = "...", ja = "..." }'
            end
        end
    end,
})

local messages = {}
local last = 0

for place, message in ipairs(own.messages) do
    messages[place] = text { translated(message), color = own.color }
end

on("plugin.save", function()
    return last
end)

on("plugin.restore", function(state)
    last = state
end)

every(own.every, function()
    if #messages == 0 then
        return
    end
    last = last % #messages + 1
    for _, player in ipairs(players()) do
        player:send(messages[last])
    end
end)

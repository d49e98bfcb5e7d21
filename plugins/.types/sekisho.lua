---@meta
-- Made by `sekisho plugin types`: what plugins and their tests can call, for editors (LuaLS).

---@alias event_name "proxy.start"|"proxy.stop"|"proxy.reload"|"plugin.save"|"plugin.restore"|"connection"|"ping"|"player.login"|"gate"|"consent.shown"|"consent.given"|"consent.refused"|"consent.withdrawn"|"server.choose"|"server.connect"|"player.join"|"server.connected"|"server.switch"|"server.kicked"|"client.settings"|"client.brand"|"client.resource_pack"|"message.client"|"message.server"|"player.chat"|"player.command"|"player.request"|"player.disconnect"

---@alias field_name "player.uuid"|"player.name"|"player.skin"|"connection.ip"|"connection.hostname"|"client.protocol"|"client.brand"|"client.mods"|"client.channels"|"client.locale"|"client.view_distance"|"client.chat_mode"|"client.chat_colors"|"client.skin_parts"|"client.main_hand"|"client.text_filtering"|"client.server_listing"|"client.particles"|"client.resource_pack"|"client.cookie"|"session.start"|"session.duration"|"session.server"|"session.ping"|"chat.message"|"chat.command"|"chat.private"|"inquiry.company"|"inquiry.name"|"inquiry.email"|"inquiry.account"|"inquiry.message"

---@alias text string|number|value|joined|styled|translated

---Of `on`.
---@alias handler_options { priority?: integer, stops?: boolean }

---Of `command`. `permission`: who may (docs/permissions.md), else everybody.
---@alias command_options { description?: string, permission?: string, aliases?: string[], arguments?: command_argument[] }

---Its name and its kind. `greedy` is all the rest of the line; `complete` knows words.
---@alias command_argument { [1]: string, [2]: "word"|"integer"|"player"|"person"|"server"|"choice"|"greedy", optional?: boolean, min?: integer, max?: integer, choices?: string[], complete?: fun(player: player, beginning: string, before: { [string]: string }): string[] }

---Of `command`: what was typed, by the arguments' names: texts, integers, or a player. What it returns, the player reads.
---@alias command_handler fun(player: player, arguments: table): text|nil

---Its name in the answer and its kind; `max`, `lines` and `value` of a text, `ticked` of a box.
---@alias dialog_input { [1]: string, [2]: "text"|"box", label: string, max?: integer, lines?: integer, value?: string, ticked?: boolean }

---What stands on it, and what it does.
---@alias dialog_button { [1]: string, [2]?: fun(player: player, answer: table) }

---Of `event.result`.
---@alias event_result { kind: "allowed"|"denied"|"redirected"|"replaced", server?: string }

---Of `http`: any status is an answer.
---@alias http_answer { status: integer, body: string }

---Of `store.list` and `player:list`.
---@alias kept_row { key: string, value: any }

---@class manifest
---A word of a-z, 0-9, - and _; no two plugins share one.
---@field name string
---As "1.0.0".
---@field version string
---Fields of a player, and the purpose for each.
---@field reads? { [field_name]: string }
---Plugin channels on which it hears and talks.
---@field channels? string[]
---Whom it talks to by HTTP; why, and for which purpose, where something of players is sent.
---@field hosts? { [integer|string]: string|{ reason: string, purpose: string, to?: string } }
---Plugins that have to be there, and are loaded before it.
---@field depends? string[]
---It is loaded only where it has settings.
---@field optional? boolean
---Nobody comes in while it does not run, or fails to answer to player.login.
---@field required? boolean

---Says what the plugin is, what it reads and whom it talks to. The first thing in its file.
---@param manifest manifest
function plugin(manifest) end

---What `config/plugins/NAME.lua` sets of these, and the rest as it is here. Other keys and other types are errors. A list, and a table of texts, is replaced whole; `{}` may be any table of texts, numbers and booleans. `checks` says what the file's have to be beside that, by their keys: `"server"`, `"purpose"` (of the policy), `{ min = 1, max = 9 }`, or a function that gets the value and returns what is wrong with it, behind the key: "has to be even".
---@param defaults table
---@param checks? table
---@return table
function settings(defaults, checks) end

---What the file NAME.lua in the plugin's own folder returns, or true; it is read once. While the plugin is read, and of plugins that have a folder.
---@param name string
---@return any
function include(name) end

---The plugin ends itself, when what runs of it now has ended.
function unload() end

---Calls the function whenever this happens, with the player where it is about one, and with the event. `{ priority = 10 }`: higher ones are called first. `{ stops = true }`, of player.chat and player.command: Sekisho keeps the players' chat keys from servers, from each player's next server on, so that what they signed can be denied; servers then need enforce-secure-profile=false.
---@overload fun(event: "proxy.start", handler: fun(event: event))
---@overload fun(event: "proxy.start", options: handler_options, handler: fun(event: event))
---@overload fun(event: "proxy.stop", handler: fun(event: event))
---@overload fun(event: "proxy.stop", options: handler_options, handler: fun(event: event))
---@overload fun(event: "proxy.reload", handler: fun(event: event))
---@overload fun(event: "proxy.reload", options: handler_options, handler: fun(event: event))
---@overload fun(event: "plugin.save", handler: fun(): any)
---@overload fun(event: "plugin.save", options: handler_options, handler: fun(): any)
---@overload fun(event: "plugin.restore", handler: fun(state: any))
---@overload fun(event: "plugin.restore", options: handler_options, handler: fun(state: any))
---@overload fun(event: "connection", handler: fun(event: event))
---@overload fun(event: "connection", options: handler_options, handler: fun(event: event))
---@overload fun(event: "ping", handler: fun(event: event))
---@overload fun(event: "ping", options: handler_options, handler: fun(event: event))
---@overload fun(event: "player.login", handler: fun(player: player, event: event))
---@overload fun(event: "player.login", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "gate", handler: fun(player: player, event: event))
---@overload fun(event: "gate", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "consent.shown", handler: fun(player: player, event: event))
---@overload fun(event: "consent.shown", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "consent.given", handler: fun(player: player, event: event))
---@overload fun(event: "consent.given", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "consent.refused", handler: fun(player: player, event: event))
---@overload fun(event: "consent.refused", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "consent.withdrawn", handler: fun(player: player, event: event))
---@overload fun(event: "consent.withdrawn", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "server.choose", handler: fun(player: player, event: event))
---@overload fun(event: "server.choose", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "server.connect", handler: fun(player: player, event: event))
---@overload fun(event: "server.connect", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "player.join", handler: fun(player: player, event: event))
---@overload fun(event: "player.join", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "server.connected", handler: fun(player: player, event: event))
---@overload fun(event: "server.connected", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "server.switch", handler: fun(player: player, event: event))
---@overload fun(event: "server.switch", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "server.kicked", handler: fun(player: player, event: event))
---@overload fun(event: "server.kicked", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "client.settings", handler: fun(player: player, event: event))
---@overload fun(event: "client.settings", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "client.brand", handler: fun(player: player, event: event))
---@overload fun(event: "client.brand", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "client.resource_pack", handler: fun(player: player, event: event))
---@overload fun(event: "client.resource_pack", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "message.client", handler: fun(player: player, event: event))
---@overload fun(event: "message.client", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "message.server", handler: fun(player: player, event: event))
---@overload fun(event: "message.server", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "player.chat", handler: fun(player: player, event: event))
---@overload fun(event: "player.chat", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "player.command", handler: fun(player: player, event: event))
---@overload fun(event: "player.command", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "player.request", handler: fun(player: player, event: event))
---@overload fun(event: "player.request", options: handler_options, handler: fun(player: player, event: event))
---@overload fun(event: "player.disconnect", handler: fun(player: player, event: event))
---@overload fun(event: "player.disconnect", options: handler_options, handler: fun(player: player, event: event))
---@param event event_name
---@param options? handler_options
---@param handler function
function on(event, options, handler) end

---A text with colours and clicks: `text { "Hello, ", player.name, color = "gold" }`. A color is one of the sixteen or `#rrggbb`, which versions before 1.16 show as the nearest of them. A click opens an address, runs a command (not /privacy, /accept or /decline), writes one where the player types, or copies; `hover` shows while the mouse is on it.
---@param parts { [integer]: text, color?: string, bold?: boolean, italic?: boolean, underlined?: boolean, strikethrough?: boolean, obfuscated?: boolean, open_url?: string, run_command?: string, suggest?: string, copy?: string, hover?: text }
---@return styled
function text(parts) end

---A text that everybody reads in their own language: `translated { en = "Hello", ja = "こんにちは" }`. Who has none of them reads the English one.
---@param texts { [string]: text }
---@return translated
function translated(texts) end

---A command that players type as /name. The handler gets the player and a table of what was typed, by the arguments' names; it may wait, and what it returns is told to the player. Options: `description`; `permission`: who may (docs/permissions.md), else everybody; `aliases`: other names; `arguments`: a list of `{ "NAME", "KIND" }`, with `optional = true` for the last ones. Kinds: `word` (`complete = function(player, beginning, before)` returns a list of words and may wait; `before` has what stands in front, by name), `integer` (`min`, `max`), `player` (a player object), `person` (the same, or what was typed, of who is not here: for the word `person`), `server`, `choice` (`choices`, a list of up to 100), `greedy` (all the rest of the line). A plugin has 1000 commands at most, and none of those for private messages: /msg, /tell, /r.
---@overload fun(name: string, handler: command_handler)
---@param name string
---@param options? command_options
---@param handler command_handler
function command(name, options, handler) end

---Everybody who accepted and is connected.
---@return player[]
function players() end

---The names of the servers.
---@return string[]
function servers() end

---What the policy says of a purpose: for how many seconds at most something is kept for it, and whether players choose it; nil where it has none of this name.
---@param name string
---@return { keep: integer, optional: boolean }|nil
function purpose(name) end

---Somebody who accepted the policy, whether they are connected or not; or nil and why not. The manifest has to read player.name, or player.uuid. Waits.
---@param name_or_uuid string
---@return person|nil
---@return string|nil
function person(name_or_uuid) end

---What `player:hash()` is of whoever has this UUID, whether they were here or not; nil where it is none. The manifest has to read player.uuid.
---@param uuid string
---@return string|nil
function hash(uuid) end

---Waits; everything else goes on.
---@param seconds number
function sleep(seconds) end

---Calls the function once, later.
---@param seconds number
---@param call function
---@return timer
function after(seconds, call) end

---Calls the function again and again; not while the last call still waits.
---@param seconds number
---@param call function
---@return timer
function every(seconds, call) end

---Calls the function each day at a time of this machine's clock: `at("04:30", ...)`.
---@param time string
---@param call function
---@return timer
function at(time, call) end

---Seconds since 1970.
---@return integer
function now() end

---A time, or now, by this machine's clock: "2026-01-31 04:30:00", or as the format says: `date("%H:%M")`, with the letters of C's strftime.
---@param format? string
---@param time? integer
---@return string
function date(format, time) end

---Tells other plugins: nil, a boolean, a number, a text or a table of such is copied to whoever listens to the topic, which begins with this plugin's name: `publish("stats.changed", { total = 3 })`. 64 KiB at most, and 100 messages a second.
---@param topic string
---@param value any
function publish(topic, value) end

---Calls the function with each value that is published under the topic, and the name of the plugin that did; not, while 64 calls for it wait. A plugin listens 100 times at most.
---@param topic string
---@param call function
function on_message(topic, call) end

---The text begins so.
---@param text string
---@param start string
---@return boolean
function starts_with(text, start) end

---The text ends so.
---@param text string
---@param last string
---@return boolean
function ends_with(text, last) end

---The part stands somewhere in the text.
---@param text string
---@param part string
---@return boolean
function contains(text, part) end

---In small letters, of every alphabet.
---@param text string
---@return string
function lower(text) end

---In capitals, of every alphabet.
---@param text string
---@return string
function upper(text) end

---How many characters it has; `#text` counts bytes.
---@param text string
---@return integer
function length(text) end

---A regular expression (PCRE2), to be called with a text: yes or no. Written outside of functions: to make one costs more than to use it, and there are 100 at most. It is given up with an error where it takes too long, and a text has 64 KiB at most.
---@param expression string
---@return pattern
function pattern(expression) end


---Lines in Sekisho's log. A player's data shows as its field's name there: "<player.name>". 200 lines a second at most.
log = {}

---A line in Sekisho's log.
---@param text any
function log.info(text) end

---The same, as a warning.
---@param text any
function log.warn(text) end

---The same, as an error.
---@param text any
function log.error(text) end


do
---Somebody who is connected. The same player is the same object; when they have left, `online` is false, and what is done to them does nothing.
---@class player
---Their name, as the rules of their server give it.
---@field name value|nil
---Their UUID, as the rules of their server give it.
---@field uuid value|nil
---They are connected.
---@field online boolean
---The server that they are with.
---@field server string|nil
local player = {}

---Any field of the catalogue, as the rules of their server give it; nil where they give nothing. The plugin's manifest has to read it.
---@param name string
---@return value|nil
function player:field(name) end

---A stable pseudonym: the same for this player in this plugin always, another one in every other plugin, and nothing that leads back to them.
---@return string
function player:hash() end

---What the plugin keeps of them under the key; nil for nothing. Waits.
---@param key string
---@return any
---@return string|nil
function player:get(key) end

---Keeps a value of theirs: nil, a boolean, a number, a text, a table of such, or one of their own values. For a purpose of the policy that they agree to, and as long as `keep` ("30d", or seconds; else as long as the policy keeps for the purpose). They see it in /privacy data; it ends with their consent. true, or nil and why not. Waits.
---@param key string
---@param value any
---@param options { purpose: string, keep?: string|integer }
---@return boolean|nil
---@return string|nil
function player:put(key, value, options) end

---Deletes what is kept under the key; false where there is nothing. Waits.
---@param key string
---@return boolean|nil
---@return string|nil
function player:delete(key) end

---Adds to a whole number, which begins with 0, and says what it is then. Waits.
---@param key string
---@param number integer
---@param options { purpose: string, keep?: string|integer }
---@return integer|nil
---@return string|nil
function player:add(key, number, options) end

---What is kept of them under keys that begin so, sorted by key; `after`: behind this key; 100, or up to `limit` of 1000. Waits.
---@param prefix? string
---@param options? { after?: string, limit?: integer }
---@return { key: string, value: any }[]|nil
---@return string|nil
function player:list(prefix, options) end

---They have this permission, by config/permissions.lua (docs/permissions.md).
---@param permission string
---@return boolean
function player:may(permission) end

---A line in their chat. As of all that is shown: between two worlds it waits for the next one; `false` and why where it cannot be shown at all.
---@param text text
---@return boolean
---@return string?
function player:send(text) end

---A line above their hotbar, for some seconds. Not before 1.8.
---@param text text
---@return boolean
---@return string?
function player:action_bar(text) end

---Large letters in the middle of their screen; times are in seconds, 0.5, 3.5 and 1 where nothing is said. Not before 1.8.
---@param title? text
---@param subtitle? text
---@param times? { fade_in?: number, stay?: number, fade_out?: number }
---@return boolean
---@return string?
function player:title(title, subtitle, times) end

---Takes the title away.
---@return boolean
---@return string?
function player:clear_title() end

---A bar at the top of their screen: `progress` from 0 to 1; `color` pink, blue, red, green, yellow, purple or white; `notches` 0, 6, 10, 12 or 20. Not shown before 1.9: what stands behind the bar says why it is not.
---@param bar { text?: text, progress?: number, color?: string, notches?: integer }
---@return boss_bar
---@return string?
function player:boss_bar(bar) end

---What stands above and below the list of players, from here on. A server that sets it as well replaces it until they change servers. Not before 1.8.
---@param header? text
---@param footer? text
---@return boolean
---@return string?
function player:tab_list(header, footer) end

---A sound where they are: "minecraft:block.note_block.pling". A client knows the names of its version only ("note.pling" in 1.8), and is silent at others. `pitch` from 0.5 to 2. Before 1.19.3 it is heard when the client next tells where it is, within a second.
---@param name string
---@param options? { volume?: number, pitch?: number, category?: string }
---@return boolean
---@return string?
function player:sound(name, options) end

---A list of pages: from 1.21.6 on a dialog; before, a written book in the waiting room, and lines in the chat on a server, where a book would take the place of what they hold.
---@param book { [integer]: text, title: text, author?: text }
---@return boolean
---@return string?
function player:book(book) end

---A dialog over the game; before 1.21.6 lines in the chat to click and to complete. Buttons: `{ "Send", function(player, answer) ... end }`. Inputs: `{ "why", "text", label = "Reason", max = 100, lines = 3, value = "" }` and `{ "loud", "box", label = "Loud", ticked = true }`; the answer has them by name, texts as values of chat.command, boxes as true or false. One dialog at a time, good for one answer.
---@param dialog { [integer]: text, title: text, inputs?: dialog_input[], buttons?: dialog_button[], close?: text }
---@return boolean
---@return string?
function player:dialog(dialog) end

---A plugin message to their mods, on a channel of the manifest.
---@param channel string
---@param data string
---@return boolean
---@return string?
function player:message(channel, data) end

---The same to their server, as if it came from their client: `false` and why where the server's rules do not let the channel pass.
---@param channel string
---@param data string
---@return boolean
---@return string?
function player:message_server(channel, data) end

---Has their client connect to another host, one of the manifest's `hosts`. 1.20.5 and later.
---@param host string
---@param port? integer
---@return boolean
---@return string?
function player:transfer(host, port) end

---Has their client keep a text, sealed, at most 5088 bytes. 1.20.5 and later.
---@param key string
---@param value string
---@return boolean
---@return string?
function player:set_cookie(key, value) end

---Waits for what this plugin had their client keep under this key; nil where there is nothing, or nothing that this plugin stored for this player.
---@param key string
---@return string|nil
function player:cookie(key) end

---Takes them to another server. Waits until they stand there: true; or nil and why not. In a handler of an event of theirs it begins alone, and is true: the change is their next event.
---@param server string
---@return boolean|nil
---@return string?
function player:connect(server) end

---Puts them out, with words that they read.
---@param words text
function player:disconnect(words) end

end

do
---What happened, given to handlers. What they make of it is said by its methods; the last word counts. It is over when the handler ends.
---@class event
---What happened: "player.chat".
---@field name string
---The server that it is about. Of player.disconnect: in whose world they stood last, if in any.
---@field server string|nil
---The server that the player came from.
---@field from string|nil
---Of connection and ping: which name of the configuration (`hosts` of servers) the one that was typed fits, as it is written there.
---@field host string|nil
---Of connection: "status", "login" or "transfer".
---@field intent string|nil
---Of server.kicked: "kicked", where the server said so, or "lost". Of player.disconnect: "left" (they went, or their connection broke), "put out" (by Sekisho, a plugin, or the last server), "replaced" (they logged in anew), "stopped" (Sekisho ends); nil where they were gone before player.login was answered.
---@field cause string|nil
---Of consent.*: the id of the policy.
---@field policy string|nil
---And its version.
---@field version string|nil
---Of gate and consent.*: the language of the text.
---@field language string|nil
---Of player.request: "disclosure", "correction", "erasure" or "stop".
---@field request string|nil
---Of message.*: the channel.
---@field channel string|nil
---Of message.*: what was said, as bytes.
---@field data string|nil
---What the player wrote or answered, as a value; a command without its slash.
---@field text value|nil
---The player signed it: it cannot be altered, nor left out without the server noticing.
---@field signed boolean
---What handlers before this one made of it: { kind = "allowed" }, "denied", "redirected" (with `server`) or "replaced".
---@field result event_result
local event = {}

---It takes its course; takes back what others made of it.
---@param words? text
function event:allow(words) end

---It does not happen; the player reads the words.
---@param words? text
function event:deny(words) end

---Another server instead.
---@param server string
---@param words? text
function event:redirect(server, words) end

---Another command instead, without a slash: as if the player had typed it, so also one of Sekisho's or of a plugin's.
---@param text string
function event:replace(text) end

---Of ping: what the server list shows, where it is not what is configured. `version` stands in place of the numbers of players, `hover` are lines that are seen while the mouse is there, `favicon = "NAME"` is the picture favicon-NAME.png beside the configuration.
---@param answer { description?: text, version?: string, favicon?: string, online?: integer, max?: integer, hover?: string }
function event:show(answer) end

---Of gate: a text that is shown behind the policy and is none of it; Markdown makes headings, lists and links. No player's data can be in it.
---@param title text
---@param text text
function event:add_page(title, text) end

end

do
---A function that is called later.
---@class timer
local timer = {}

---It calls nothing any more.
function timer:cancel() end

end

do
---A player's data, in the form that the rules of their server give. It can be joined with texts and shown, but not read: `tostring` gives "<player.name>".
---@class value
---Which field it is: "connection.ip".
---@field field_name string
---The form in which the server's rules gave it: "full", "truncate".
---@field form string
---`read` says something now: of plugins that run on servers with such a rule and without.
---@field readable boolean
---@operator concat(text): joined
local value = {}

---What it says, where a `reveal` rule of the player's server names this plugin and the purpose for which it reads the field; an error without such a rule. nil for who accepted before the rule was there, who went to another server, and what was kept.
---@return string|nil
function value:read() end

end

do
---A bar at the top of a player's screen, made by `player:boss_bar`. It stays when the player changes servers, until it is removed or the plugin is unloaded.
---@class boss_bar
local boss_bar = {}

---Changes what is named; one that was taken away, or could not be shown, is shown again.
---@param changes { text?: text, progress?: number, color?: string, notches?: integer }
---@return boolean
---@return string?
function boss_bar:update(changes) end

---Takes it from the screen.
---@return boolean
---@return string?
function boss_bar:remove() end

end

do
---Texts and values joined by `..`; as opaque as the values.
---@class joined
---@operator concat(text): joined
local joined = {}

end

do
---A text with colours and clicks, made by `text { ... }`; as opaque as what is in it.
---@class styled
---@operator concat(text): joined
local styled = {}

end

do
---A text in several languages, made by `translated { ... }`.
---@class translated
---@operator concat(text): joined
local translated = {}

end

do
---Somebody who accepted the policy, connected or not: person("NAME").
---@class person
local person = {}

---A stable pseudonym: the same for this player in this plugin always, another one in every other plugin, and nothing that leads back to them.
---@return string
function person:hash() end

---What the plugin keeps of them under the key; nil for nothing. Waits.
---@param key string
---@return any
---@return string|nil
function person:get(key) end

---Keeps a value of theirs: nil, a boolean, a number, a text, a table of such, or one of their own values. For a purpose of the policy that they agree to, and as long as `keep` ("30d", or seconds; else as long as the policy keeps for the purpose). They see it in /privacy data; it ends with their consent. true, or nil and why not. Waits.
---@param key string
---@param value any
---@param options { purpose: string, keep?: string|integer }
---@return boolean|nil
---@return string|nil
function person:put(key, value, options) end

---Deletes what is kept under the key; false where there is nothing. Waits.
---@param key string
---@return boolean|nil
---@return string|nil
function person:delete(key) end

---Adds to a whole number, which begins with 0, and says what it is then. Waits.
---@param key string
---@param number integer
---@param options { purpose: string, keep?: string|integer }
---@return integer|nil
---@return string|nil
function person:add(key, number, options) end

---What is kept of them under keys that begin so, sorted by key; `after`: behind this key; 100, or up to `limit` of 1000. Waits.
---@param prefix? string
---@param options? { after?: string, limit?: integer }
---@return { key: string, value: any }[]|nil
---@return string|nil
function person:list(prefix, options) end

end

---What the plugin keeps that is nobody's: it outlasts restarts, and no other plugin sees it. What is about a player is kept by player:put(...), so that it is shown to them and ends with their consent.
store = {}

---What the plugin keeps under the key; nil for nothing, or nil and why not. Waits.
---@param key string
---@return any
---@return string|nil
function store.get(key) end

---Keeps a value that is nobody's: nil, a boolean, a number, a text, or a table of such. Until it is deleted, or so long: { expires = "30d" }. true, or nil and why not. Waits.
---@param key string
---@param value any
---@param options? { expires?: string|integer }
---@return boolean|nil
---@return string|nil
function store.put(key, value, options) end

---Deletes what is kept under the key; false where there is nothing. Waits.
---@param key string
---@return boolean|nil
---@return string|nil
function store.delete(key) end

---Adds to a whole number, which begins with 0, and says what it is then: nothing that others add at the same time is lost. Waits.
---@param key string
---@param number integer
---@param options? { expires?: string|integer }
---@return integer|nil
---@return string|nil
function store.add(key, number, options) end

---What is kept under keys that begin so, sorted by key; `after`: behind this key; 100, or up to `limit` of 1000, and 1 MiB of values. Waits.
---@param prefix? string
---@param options? { after?: string, limit?: integer }
---@return kept_row[]|nil
---@return string|nil
function store.list(prefix, options) end

---How many keys begin so. Waits.
---@param prefix? string
---@return integer|nil
---@return string|nil
function store.count(prefix) end


---Requests to the hosts that the manifest declares.
http = {}

---Asks a host that the manifest declares, over https://. No redirect is followed; `timeout` is in seconds (10, 60 at most); an answer has 256 KiB at most. Or nil and why not. Waits.
---@param options { url: string, headers?: table, timeout?: number, about?: player|person }
---@return http_answer|nil
---@return string|nil
function http.get(options) end

---The same, with something to send. Values of one player may stand in `json`: then, and with `about`, it is sent where the player permits it, after the ledger says so.
---@param options { url: string, json?: any, body?: string, headers?: table, timeout?: number, about?: player|person }
---@return http_answer|nil
---@return string|nil
function http.post(options) end

---The same with any method: GET, POST, PUT, PATCH or DELETE.
---@param options { method: string, url: string, json?: any, body?: string, headers?: table, timeout?: number, about?: player|person }
---@return http_answer|nil
---@return string|nil
function http.request(options) end


---Texts of JSON.
json = {}

---The value as JSON: a table with the keys 1, 2, ... becomes an array, another one an object (an empty one, too, unless json.array or json.decode made it a list). A player's values cannot be written.
---@param value any
---@return string
function json.encode(value) end

---The same table, which is written as an array also when it is empty, and with null in places that are: `json.array {}`.
---@param list table
---@return table
function json.array(list) end

---What the JSON says; null is nil, and of a key that is there twice the last one counts. Or nil, and what is wrong with the text.
---@param text string
---@return any
---@return string|nil
function json.decode(text) end


do
---A regular expression, made by `pattern "..."`.
---@class pattern
local pattern = {}

---What its groups took of the first match, nil for one that took no part; the whole match where it has no groups; nil where there is none. From the byte `from` on.
---@param text string
---@param from? integer
---@return string|nil
---@return ...
function pattern:match(text, from) end

---The first and the last byte of the first match, and what its groups took; nil where there is none.
---@param text string
---@param from? integer
---@return integer|nil
---@return integer|nil
---@return ...
function pattern:find(text, from) end

---All matches, each with what `match` gives: `for _, found in ipairs(p:all(text)) do`.
---@param text string
---@return string[][]
function pattern:all(text) end

---The text with another one in place of each match, and how many there were: `$1` is what a group took, `$0` the match, `$$` a dollar. A function is given what `match` gives, and returns the text, or nothing: then the match stays.
---@param text string
---@param with string|function
---@param most? integer
---@return string
---@return integer
function pattern:replace(text, with, most) end

end
---Says what is so, and how that is seen. Each test begins anew.
---@param what string
---@param run function
function test(what, run) end

---Fails unless they are the same: texts, numbers, true, false, nil, tables of such. `what` stands before what is said then.
---@param came any
---@param should any
---@param what? string
function expect(came, should, what) end

---A player who accepted the policy joins. `locale` is "en_us" and `address` "192.0.2.1" where nothing is said; `host` is what they typed; nobody has other `permissions`; `purposes` are the optional ones that they chose. A `newcomer` accepted nothing yet, and stands at the gate: `who:command("/accept")` goes on.
---@param who { name: string, locale?: string, server?: string, host?: string, address?: string, permissions?: string[], purposes?: string[], newcomer?: boolean }
---@return test_player
function join(who) end

---Somebody looks at the server list, having typed this host: what they are shown; nil where no answer came.
---@param who? { host?: string, address?: string }
---@return { description: string, version: string, online: integer, max: integer, hover: string, favicon?: string }|nil
function ping(who) end

---Puts the plugins' clock forward: what is due meanwhile happens in its order, and nobody waits.
---@param seconds number
function advance(seconds) end

---What comes back of requests, by their address, from here on: `http_answers { ["https://api.example.net/join"] = { status = 204 } }`. An address that ends with `*` is of all that begin so; a text is why there is no answer. Nothing leaves in a test.
---@param answers { [string]: string|{ status?: integer, body?: string, json?: any } }
function http_answers(answers) end

---What the plugins asked so far; `json` is the body, where it is such.
---@return { method: string, url: string, headers: table, body: string, json: any }[]
function http_asked() end

---What was logged so far, without the times.
---@return string[]
function log_lines() end

---Outside of tests: these servers, without rules, in place of the configuration's.
---@param names string[]
function with_servers(names) end

---Outside of tests: what config/plugins/NAME.lua says of the plugin under test: `with_settings [[return { every = 5 }]]`.
---@param text string
function with_settings(text) end

---Outside of tests: loads this plugin of the same folder first.
---@param name string
function with_plugin(name) end


do
---A player whom `join` let join in a test: what they do, and what they see.
---@class test_player
---As they joined.
---@field name string
---The server that they are with.
---@field server string|nil
---They were not put out, and have not left.
---@field online boolean
---What stands in their chat.
---@field messages string[]
---The large letters, as the next.
---@field title string|nil
---The smaller ones below.
---@field subtitle string|nil
---The line above the hotbar.
---@field action_bar string|nil
---What stands on the newest bar.
---@field boss_bar string|nil
---Above the list of players.
---@field header string|nil
---Below it.
---@field footer string|nil
---The words with which they were put out.
---@field goodbye string|nil
---What they heard.
---@field sounds string[]
---On which there came something for their mods.
---@field channels string[]
---What it was, in the same order.
---@field payloads string[]
---What reached the game server of what they wrote: what a plugin denied is not there.
---@field said string[]
local test_player = {}

---Writes a line in the chat.
---@param line string
function test_player:chat(line) end

---Types a command.
---@param line string
function test_player:command(line) end

---Clicks on what stands in the chat with this label, the newest such; where the click begins a line, ends it with the words. Before 1.21.6 a dialog stands there.
---@param label string
---@param words? string
function test_player:click(label, words) end

---Has their mods say something.
---@param channel string
---@param data string
function test_player:message(channel, data) end

---Leaves.
function test_player:leave() end

---Their game server puts them out.
---@param words? string
function test_player:kick(words) end

---Waits until it stands somewhere on their screen or in their chat; fails with all that does.
---@param text string
function test_player:sees(text) end

---Fails where it stands there.
---@param text string
function test_player:misses(text) end

end
---A made-up player, and what they bring: `player { name = "Mika", ["client.brand"] = "fabric", purposes = { "analytics" } }`.
---@param who table
---@return rule_player
function player(who) end

---What the rules of a server keep of it, and how; nil for nothing.
---@param player rule_player
---@param server string
---@param field field_name
---@param value? string|integer|boolean
---@return string|nil
---@return { purpose: string, keep: string, counted: boolean }|nil
function recorded(player, server, field, value) end

---What the server is told.
---@param player rule_player
---@param server string
---@param field field_name
---@param value? string|integer|boolean
---@return string
function forwarded(player, server, field, value) end

---What the server may do to a client: `may("lobby", "transfer", "play.example.net")`.
---@param server string
---@param act string
---@param name string
---@return boolean
function may(server, act, name) end


do
---A made-up player, whom rules alone see.
---@class rule_player
local rule_player = {}

end

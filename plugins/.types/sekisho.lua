---@meta
-- Made by `sekisho plugin types`: what plugins can call, for editors (LuaLS).

---@alias event_name "proxy.start"|"proxy.stop"|"proxy.reload"|"plugin.save"|"plugin.restore"|"connection"|"ping"|"player.login"|"gate"|"consent.shown"|"consent.given"|"consent.refused"|"consent.withdrawn"|"server.choose"|"server.connect"|"player.join"|"server.connected"|"server.switch"|"server.kicked"|"client.settings"|"client.brand"|"client.resource_pack"|"message.client"|"message.server"|"player.chat"|"player.command"|"player.request"|"player.disconnect"

---@alias field_name "player.uuid"|"player.name"|"player.skin"|"connection.ip"|"connection.hostname"|"client.protocol"|"client.brand"|"client.mods"|"client.channels"|"client.locale"|"client.view_distance"|"client.chat_mode"|"client.chat_colors"|"client.skin_parts"|"client.main_hand"|"client.text_filtering"|"client.server_listing"|"client.particles"|"client.resource_pack"|"client.cookie"|"session.start"|"session.duration"|"session.server"|"session.ping"|"chat.message"|"chat.command"|"chat.private"|"inquiry.company"|"inquiry.name"|"inquiry.email"|"inquiry.account"|"inquiry.message"

---@alias text string|value|joined|styled|translated

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

---Says what the plugin is, what it reads and whom it talks to. The first thing in its file.
---@type fun(manifest: manifest)
plugin = nil

---What `config/plugins/NAME.lua` sets of these, and the rest as it is here. Other keys and other types are errors. A list, and a table of texts, is replaced whole; `{}` may be any table of texts, numbers and booleans.
---@type fun(defaults: table): table
settings = nil

---What the file NAME.lua in the plugin's own folder returns; it is read once. While the plugin is read, and of plugins that have a folder.
---@type fun(name: string): any
include = nil

---The plugin ends itself, when what runs of it now has ended.
---@type fun()
unload = nil

---Calls the function whenever this happens, with the player where it is about one, and with the event. `{ priority = 10 }`: higher ones are called first. `{ stops = true }`, of player.chat and player.command: Sekisho keeps the players' chat keys from servers, from each player's next server on, so that what they signed can be denied; servers then need enforce-secure-profile=false.
---@overload fun(event: "proxy.start", handler: fun(event: event))
---@overload fun(event: "proxy.stop", handler: fun(event: event))
---@overload fun(event: "proxy.reload", handler: fun(event: event))
---@overload fun(event: "plugin.save", handler: fun(): any)
---@overload fun(event: "plugin.restore", handler: fun(state: any))
---@overload fun(event: "connection", handler: fun(event: event))
---@overload fun(event: "ping", handler: fun(event: event))
---@overload fun(event: "player.login", handler: fun(player: player, event: event))
---@overload fun(event: "gate", handler: fun(player: player, event: event))
---@overload fun(event: "consent.shown", handler: fun(player: player, event: event))
---@overload fun(event: "consent.given", handler: fun(player: player, event: event))
---@overload fun(event: "consent.refused", handler: fun(player: player, event: event))
---@overload fun(event: "consent.withdrawn", handler: fun(player: player, event: event))
---@overload fun(event: "server.choose", handler: fun(player: player, event: event))
---@overload fun(event: "server.connect", handler: fun(player: player, event: event))
---@overload fun(event: "player.join", handler: fun(player: player, event: event))
---@overload fun(event: "server.connected", handler: fun(player: player, event: event))
---@overload fun(event: "server.switch", handler: fun(player: player, event: event))
---@overload fun(event: "server.kicked", handler: fun(player: player, event: event))
---@overload fun(event: "client.settings", handler: fun(player: player, event: event))
---@overload fun(event: "client.brand", handler: fun(player: player, event: event))
---@overload fun(event: "client.resource_pack", handler: fun(player: player, event: event))
---@overload fun(event: "message.client", handler: fun(player: player, event: event))
---@overload fun(event: "message.server", handler: fun(player: player, event: event))
---@overload fun(event: "player.chat", handler: fun(player: player, event: event))
---@overload fun(event: "player.command", handler: fun(player: player, event: event))
---@overload fun(event: "player.request", handler: fun(player: player, event: event))
---@overload fun(event: "player.disconnect", handler: fun(player: player, event: event))
---@param event event_name
---@param options { priority?: integer }
---@param handler function
function on(event, options, handler) end

---A text with colours and clicks: `text { "Hello, ", player.name, color = "gold" }`. A color is one of the sixteen or `#rrggbb`, which versions before 1.16 show as the nearest of them. A click opens an address, runs a command, writes one where the player types, or copies; `hover` shows while the mouse is on it.
---@type fun(parts: { [integer]: text, color?: string, bold?: boolean, italic?: boolean, underlined?: boolean, strikethrough?: boolean, obfuscated?: boolean, open_url?: string, run_command?: string, suggest?: string, copy?: string, hover?: text }): styled
text = nil

---A text that everybody reads in their own language: `translated { en = "Hello", ja = "こんにちは" }`. Who has none of them reads the English one.
---@type fun(texts: { [string]: text }): translated
translated = nil

---A command that players type as /name. The handler gets the player and a table of what was typed, by the arguments' names; it may wait, and what it returns is told to the player. Options: `description`; `permission`: who may (docs/permissions.md), else everybody; `aliases`: other names; `arguments`: a list of `{ "NAME", "KIND" }`, with `optional = true` for the last ones. Kinds: `word` (`complete = function(player, beginning, before)` returns a list of words and may wait; `before` has what stands in front, by name), `integer` (`min`, `max`), `player` (a player object), `server`, `choice` (`choices`, a list), `greedy` (all the rest of the line).
---@type fun(name: string, options_or_handler: table|function, handler?: function)
command = nil

---Everybody who accepted and is connected.
---@type fun(): player[]
players = nil

---The names of the servers.
---@type fun(): string[]
servers = nil

---Somebody who accepted the policy, whether they are connected or not; or nil and why not. Waits.
---@type fun(name_or_uuid: string): person|nil, string|nil
person = nil

---Waits; everything else goes on.
---@type fun(seconds: number)
sleep = nil

---Calls the function once, later.
---@type fun(seconds: number, call: function): timer
after = nil

---Calls the function again and again; not while the last call still waits.
---@type fun(seconds: number, call: function): timer
every = nil

---Calls the function each day at a time of this machine's clock: `at("04:30", ...)`.
---@type fun(time: string, call: function): timer
at = nil

---Seconds since 1970.
---@type fun(): integer
now = nil

---A time, or now, by this machine's clock: "2026-01-31 04:30:00", or as the format says: `date("%H:%M")`, with the letters of C's strftime.
---@type fun(format?: string, time?: integer): string
date = nil

---Tells other plugins: nil, a boolean, a number, a text or a table of such is copied to whoever listens to the topic, which begins with this plugin's name: `publish("stats.changed", { total = 3 })`. 64 KiB at most, and 100 messages a second.
---@type fun(topic: string, value: any)
publish = nil

---Calls the function with each value that is published under the topic, and the name of the plugin that did.
---@type fun(topic: string, call: function)
on_message = nil


---Whether the text begins so; capital letters count.
---@type fun(text: string, start: string): boolean
starts_with = nil

---Whether it ends so.
---@type fun(text: string, ending: string): boolean
ends_with = nil

---Whether the part stands in it.
---@type fun(text: string, part: string): boolean
contains = nil

---In small letters, of any script.
---@type fun(text: string): string
lower = nil

---In capital letters, of any script.
---@type fun(text: string): string
upper = nil

---How many characters it has.
---@type fun(text: string): integer
length = nil

---A regular expression (PCRE2), to be called with a text: yes or no. Written outside of functions: to make one costs more than to use it, and there are 100 at most. It is given up with an error where it takes too long, and a text has 64 KiB at most.
---@type fun(expression: string): pattern
pattern = nil


---Lines in Sekisho's log. A player's data shows as its field's name there: "<player.name>".
log = {}

---A line in Sekisho's log.
---@type fun(text: any)
log.info = nil

---The same, as a warning.
---@type fun(text: any)
log.warn = nil

---The same, as an error.
---@type fun(text: any)
log.error = nil


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
---Any field of the catalogue, as the rules of their server give it; nil where they give nothing. The plugin's manifest has to read it.
---@field field fun(self: player, name: string): value|nil
---A stable pseudonym: the same for this player in this plugin always, another one in every other plugin, and nothing that leads back to them.
---@field hash fun(self: player): string
---What the plugin keeps of them under the key; nil for nothing. Waits.
---@field get fun(self: player, key: string): any, string|nil
---Keeps a value of theirs: nil, a boolean, a number, a text, a table of such, or one of their own values. For a purpose of the policy that they agree to, and as long as `keep` ("30d"; else as long as the policy keeps for the purpose). They see it in /privacy data; it ends with their consent. true, or nil and why not. Waits.
---@field put fun(self: player, key: string, value: any, options: { purpose: string, keep?: string }): boolean|nil, string|nil
---Deletes what is kept under the key; false where there is nothing. Waits.
---@field delete fun(self: player, key: string): boolean|nil, string|nil
---Adds to a whole number, which begins with 0, and says what it is then. Waits.
---@field add fun(self: player, key: string, number: integer, options: { purpose: string, keep?: string }): integer|nil, string|nil
---What is kept of them under keys that begin so, sorted by key; `after`: behind this key; 100, or up to `limit` of 1000. Waits.
---@field list fun(self: player, prefix?: string, options?: { after?: string, limit?: integer }): { key: string, value: any }[]|nil, string|nil
---They have this permission, by config/permissions.lua (docs/permissions.md).
---@field may fun(self: player, permission: string): boolean
---A line in their chat. As of all that is shown: between two worlds it waits for the next one; `false` and why where it cannot be shown at all.
---@field send fun(self: player, text: text): boolean, string?
---A line above their hotbar, for some seconds. Not before 1.8.
---@field action_bar fun(self: player, text: text): boolean, string?
---Large letters in the middle of their screen; times are in seconds, 0.5, 3.5 and 1 where nothing is said. Not before 1.8.
---@field title fun(self: player, title?: text, subtitle?: text, times?: { fade_in?: number, stay?: number, fade_out?: number }): boolean, string?
---Takes the title away.
---@field clear_title fun(self: player): boolean, string?
---A bar at the top of their screen: `progress` from 0 to 1; `color` pink, blue, red, green, yellow, purple or white; `notches` 0, 6, 10, 12 or 20. Not shown before 1.9.
---@field boss_bar fun(self: player, bar: { text?: text, progress?: number, color?: string, notches?: integer }): boss_bar
---What stands above and below the list of players, from here on. A server that sets it as well replaces it until they change servers. Not before 1.8.
---@field tab_list fun(self: player, header?: text, footer?: text): boolean, string?
---A sound where they are: "minecraft:block.note_block.pling". A client knows the names of its version only ("note.pling" in 1.8), and is silent at others. `pitch` from 0.5 to 2. Before 1.19.3 it is heard when the client next tells where it is, within a second.
---@field sound fun(self: player, name: string, options?: { volume?: number, pitch?: number, category?: string }): boolean, string?
---A list of pages: from 1.21.6 on a dialog; before, a written book in the waiting room, and lines in the chat on a server, where a book would take the place of what they hold.
---@field book fun(self: player, book: { [integer]: text, title: text, author?: text }): boolean, string?
---A dialog over the game; before 1.21.6 lines in the chat to click and to complete. Buttons: `{ "Send", function(player, answer) ... end }`. Inputs: `{ "why", "text", label = "Reason", max = 100, lines = 3, value = "" }` and `{ "loud", "box", label = "Loud", ticked = true }`; the answer has them by name, texts as values of chat.command, boxes as true or false. One dialog at a time, good for one answer.
---@field dialog fun(self: player, dialog: { [integer]: text, title: text, inputs?: table[], buttons?: table[], close?: text }): boolean, string?
---A plugin message to their mods, on a channel of the manifest.
---@field message fun(self: player, channel: string, data: string): boolean, string?
---The same to their server, as if it came from their client: `false` and why where the server's rules do not let the channel pass.
---@field message_server fun(self: player, channel: string, data: string): boolean, string?
---Has their client connect to another host, one of the manifest's `hosts`. 1.20.5 and later.
---@field transfer fun(self: player, host: string, port?: integer): boolean, string?
---Has their client keep a text, sealed, at most 5088 bytes. 1.20.5 and later.
---@field set_cookie fun(self: player, key: string, value: string): boolean, string?
---Waits for what this plugin had their client keep under this key; nil where there is nothing, or nothing that this plugin stored for this player.
---@field cookie fun(self: player, key: string): string|nil
---Takes them to another server.
---@field connect fun(self: player, server: string)
---Puts them out, with words that they read.
---@field disconnect fun(self: player, words: text)

---What happened, given to handlers. What they make of it is said by its methods; the last word counts. It is over when the handler ends.
---@class event
---What happened: "player.chat".
---@field name string
---The server that it is about.
---@field server string|nil
---The server that the player came from.
---@field from string|nil
---Of connection and ping: which name of the configuration (`hosts` of servers) the one that was typed fits, as it is written there.
---@field host string|nil
---Of connection: "status", "login" or "transfer".
---@field intent string|nil
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
---@field result table
---It takes its course; takes back what others made of it.
---@field allow fun(self: event, words?: text)
---It does not happen; the player reads the words.
---@field deny fun(self: event, words?: text)
---Another server instead.
---@field redirect fun(self: event, server: string, words?: text)
---Another command instead, without a slash.
---@field replace fun(self: event, text: string)
---Of ping: what the server list shows, where it is not what is configured. `version` stands in place of the numbers of players, `hover` are lines that are seen while the mouse is there, `favicon = "NAME"` is the picture favicon-NAME.png beside the configuration.
---@field show fun(self: event, answer: { description?: text, version?: string, favicon?: string, online?: integer, max?: integer, hover?: string })
---Of gate: a text that is shown behind the policy and is none of it; Markdown makes headings, lists and links.
---@field add_page fun(self: event, title: text, text: text)

---A function that is called later.
---@class timer
---It calls nothing any more.
---@field cancel fun(self: timer)

---A player's data, in the form that the rules of their server give. It can be joined with texts and shown, but not read: `tostring` gives "<player.name>".
---@class value
---Which field it is: "connection.ip".
---@field field_name string
---The form in which the server's rules gave it: "full", "truncate".
---@field form string
---What it says, where a `reveal` rule of the player's server names this plugin and the purpose for which it reads the field; an error without such a rule. nil for who accepted before the rule was there, who went to another server, and what was kept.
---@field read fun(self: value): string|nil

---A bar at the top of a player's screen, made by `player:boss_bar`. It stays when the player changes servers, until it is removed or the plugin is unloaded.
---@class boss_bar
---Changes what is named.
---@field update fun(self: boss_bar, changes: { text?: text, progress?: number, color?: string, notches?: integer }): boolean, string?
---Takes it from the screen.
---@field remove fun(self: boss_bar): boolean, string?

---Texts and values joined by `..`; as opaque as the values.
---@class joined

---A text with colours and clicks, made by `text { ... }`; as opaque as what is in it.
---@class styled

---A text in several languages, made by `translated { ... }`.
---@class translated

---Somebody who accepted the policy, connected or not: person("NAME").
---@class person
---A stable pseudonym: the same for this player in this plugin always, another one in every other plugin, and nothing that leads back to them.
---@field hash fun(self: person): string
---What the plugin keeps of them under the key; nil for nothing. Waits.
---@field get fun(self: person, key: string): any, string|nil
---Keeps a value of theirs: nil, a boolean, a number, a text, a table of such, or one of their own values. For a purpose of the policy that they agree to, and as long as `keep` ("30d"; else as long as the policy keeps for the purpose). They see it in /privacy data; it ends with their consent. true, or nil and why not. Waits.
---@field put fun(self: person, key: string, value: any, options: { purpose: string, keep?: string }): boolean|nil, string|nil
---Deletes what is kept under the key; false where there is nothing. Waits.
---@field delete fun(self: person, key: string): boolean|nil, string|nil
---Adds to a whole number, which begins with 0, and says what it is then. Waits.
---@field add fun(self: person, key: string, number: integer, options: { purpose: string, keep?: string }): integer|nil, string|nil
---What is kept of them under keys that begin so, sorted by key; `after`: behind this key; 100, or up to `limit` of 1000. Waits.
---@field list fun(self: person, prefix?: string, options?: { after?: string, limit?: integer }): { key: string, value: any }[]|nil, string|nil

---What the plugin keeps that is nobody's: it outlasts restarts, and no other plugin sees it. What is about a player is kept by player:put(...), so that it is shown to them and ends with their consent.
store = {}

---What the plugin keeps under the key; nil for nothing, or nil and why not. Waits.
---@type fun(key: string): any, string|nil
store.get = nil

---Keeps a value that is nobody's: nil, a boolean, a number, a text, or a table of such. Until it is deleted, or so long: { expires = "30d" }. true, or nil and why not. Waits.
---@type fun(key: string, value: any, options?: { expires?: string }): boolean|nil, string|nil
store.put = nil

---Deletes what is kept under the key; false where there is nothing. Waits.
---@type fun(key: string): boolean|nil, string|nil
store.delete = nil

---Adds to a whole number, which begins with 0, and says what it is then: nothing that others add at the same time is lost. Waits.
---@type fun(key: string, number: integer, options?: { expires?: string }): integer|nil, string|nil
store.add = nil

---What is kept under keys that begin so, sorted by key; `after`: behind this key; 100, or up to `limit` of 1000, and 1 MiB of values. Waits.
---@type fun(prefix?: string, options?: { after?: string, limit?: integer }): { key: string, value: any }[]|nil, string|nil
store.list = nil

---How many keys begin so. Waits.
---@type fun(prefix?: string): integer|nil, string|nil
store.count = nil


---Requests to the hosts that the manifest declares.
http = {}

---Asks a host that the manifest declares, over https://. No redirect is followed; `timeout` is in seconds (10, 60 at most); an answer has 256 KiB at most. Or nil and why not. Waits.
---@type fun(options: { url: string, headers?: table, timeout?: number, about?: player|person }): { status: integer, body: string }|nil, string|nil
http.get = nil

---The same, with something to send. Values of one player may stand in `json`: then, and with `about`, it is sent where the player permits it, after the ledger says so.
---@type fun(options: { url: string, json?: any, body?: string, headers?: table, timeout?: number, about?: player|person }): { status: integer, body: string }|nil, string|nil
http.post = nil

---The same with any method: GET, POST, PUT, PATCH or DELETE.
---@type fun(options: { method: string, url: string, json?: any, body?: string, headers?: table, timeout?: number, about?: player|person }): { status: integer, body: string }|nil, string|nil
http.request = nil


---Texts of JSON.
json = {}

---The value as JSON: a table with the keys 1, 2, ... becomes an array, another one an object (an empty one, too, unless json.array or json.decode made it a list). A player's values cannot be written.
---@type fun(value: any): string
json.encode = nil

---The same table, which is written as an array also when it is empty, and with null in places that are: `json.array {}`.
---@type fun(list: table): table
json.array = nil

---What the JSON says; null is nil, and of a key that is there twice the last one counts. Or nil, and what is wrong with the text.
---@type fun(text: string): any, string|nil
json.decode = nil


---A regular expression, made by `pattern "..."`.
---@class pattern
---What its groups took of the first match, nil for one that took no part; the whole match where it has no groups; nil where there is none. From the byte `from` on.
---@field match fun(self: pattern, text: string, from?: integer): string|nil, ...
---The first and the last byte of the first match, and what its groups took; nil where there is none.
---@field find fun(self: pattern, text: string, from?: integer): integer|nil, integer|nil, ...
---All matches, each with what `match` gives: `for _, found in ipairs(p:all(text)) do`.
---@field all fun(self: pattern, text: string): string[][]
---The text with another one in place of each match, and how many there were: `$1` is what a group took, `$0` the match, `$$` a dollar. A function is given what `match` gives, and returns the text, or nothing: then the match stays.
---@field replace fun(self: pattern, text: string, with: string|function, most?: integer): string, integer

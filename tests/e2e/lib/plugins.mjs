// Plugins that a test writes, and what they said in the log.
import { until } from './wait.mjs'

// A plugin that logs each of these events as "heard NAME DETAILS"; `details` is a Lua expression of
// player and event, `more` is whatever stands behind.
export function listener (events, { name = 'probe', details = '""', head = '', more = '' } = {}) {
  const ears = events.map(event => /^(proxy|connection|ping)/.test(event)
    ? `on("${event}", function(event) local player; log.info("heard ${event} " .. tostring(${details})) end)`
    : `on("${event}", function(player, event) log.info("heard ${event} " .. tostring(${details})) end)`)
  return `plugin { name = "${name}", version = "1.0.0", ${head} }\n${ears.join('\n')}\n${more}\n`
}

// The lines of a plugin, without what stands in front.
export function said (sekisho, name = 'probe') {
  return sekisho.stderr.split('\n').flatMap(line => {
    const [, text] = line.split(`plugin=${name} `)
    return text === undefined ? [] : [text]
  })
}

// Names of the events that the listener heard, in order; `only` of those.
export function heard (sekisho, only = /./, name = 'probe') {
  return said(sekisho, name).flatMap(line => /^heard (\S+)/.exec(line)?.[1] ?? []).filter(event => only.test(event))
}

export function saying (sekisho, pattern, name = 'probe') {
  return until(sekisho, `plugin ${name} to say ${pattern}`, () => said(sekisho, name).find(line => line.match(pattern)))
}

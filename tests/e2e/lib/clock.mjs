// A clock that a test sets: what the wall clock tells a program, by libfaketime; its own clock for
// time-outs goes on as it is.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const library = ['/usr/lib', '/usr/lib64'].flatMap(folder =>
  fs.existsSync(folder) ? [folder, ...fs.readdirSync(folder).map(name => path.join(folder, name))] : [])
  .map(folder => path.join(folder, 'faketime/libfaketimeMT.so.1')).find(file => fs.existsSync(file))

// Why such a clock cannot be had; false: it can.
export const noClock = library ? false : 'libfaketime is not installed'

// A wrapper for the program, which then starts at `time` (ms), and set(time).
export function settableClock (t, time) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sekisho-clock-'))
  const file = path.join(folder, 'time')
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }))
  const set = to => {
    const seconds = Math.round((to - Date.now()) / 1000)
    fs.writeFileSync(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`)
    fs.renameSync(`${file}.new`, file)
  }
  set(time)
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    ASAN_OPTIONS: 'verify_asan_link_order=0'
  }
  return { wrapper: ['env', ...Object.entries(env).map(([key, value]) => `${key}=${value}`)], set }
}

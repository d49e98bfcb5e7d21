// Waiting for events instead of sleeping: every wait has a bound and says what it waited for.
export const PATIENCE_MS = Number(process.env.TEST_PATIENCE_MS ?? 20000)

// Resolves with what `probe` returns once that is truthy. `subject` emits 'change' whenever
// something that `probe` reads may be different.
export function until (subject, what, probe, patienceMs = PATIENCE_MS) {
  return new Promise((resolve, reject) => {
    let timer
    const look = () => {
      let value
      try {
        value = probe()
      } catch (error) {
        finish(reject, error)
        return
      }
      if (value) finish(resolve, value)
    }
    const finish = (settle, value) => {
      clearTimeout(timer)
      subject.off('change', look)
      settle(value)
    }
    timer = setTimeout(() => {
      const state = subject.describe ? `; ${subject.describe()}` : ''
      finish(reject, new Error(`waited ${patienceMs} ms for ${what}${state}`))
    }, patienceMs)
    subject.on('change', look)
    look()
  })
}

// For silence only: proves that nothing came within a while, never that something did.
export function quiet (ms) {
  return new Promise(resolve => setTimeout(resolve, ms))
}

// The policy comes in the player's own language, and so do Sekisho's own words.
import test from 'node:test'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { scene, records } from './lib/scene.mjs'
import { policyPhrases } from './lib/sekisho.mjs'
import { squeeze } from './lib/text.mjs'
import { assertRecord } from './lib/answered.mjs'

const nbt = createRequire(import.meta.url)('prismarine-nbt')
const cases = [['ja_jp', 'ja'], ['JA_JP', 'ja'], ['en_gb', 'en'], ['de_de', 'en'], ['%s%n', 'en']]

for (const version of ['1.8.8', '1.16.5', '1.20.4', '1.21.4', '1.21.6', '26.1']) {
  for (const [locale, language] of cases) {
    test(`${version}: ${locale} reads ${language}`, async t => {
      const { sekisho, join } = await scene(t, { version })
      const player = join({ locale })
      await player.gate()
      const shown = squeeze(player.shown)
      for (const phrase of policyPhrases[language]) {
        assert.ok(shown.includes(squeeze(phrase)), `"${phrase}" in ${player.shown}`)
      }
      await player.accept()
      await player.playing()
      assertRecord((await records(sekisho, 1))[0], player, { language })
    })
  }

  test(`${version}: links of the policy open their address`, async t => {
    const { join } = await scene(t, { version })
    const player = join()
    await player.gate()
    const all = [...(player.dialog?.links ?? []), ...(player.book ?? []).flatMap(page => page.clicks),
      ...player.chats.flatMap(chat => chat.clicks)]
    assert.ok(all.some(({ action, value }) => action === 'open_url' &&
      value === 'https://example.net/privacy'), JSON.stringify(all))
  })

  test(`${version}: a text of 64 KiB is shown whole`, async t => {
    const lines = Array.from({ length: 1400 }, (_, i) => `第${i}条。個人情報を守ります。`)
    const text = `# 長い文\n\n${lines.join('\n\n')}\n`
    assert.ok(Buffer.byteLength(text) <= 64 * 1024)
    const { join } = await scene(t, { version, policy: { en: '# Short\n\nShort.\n', ja: text } })
    const player = join({ locale: 'ja_jp' })
    await player.gate()
    const shown = squeeze(player.shown)
    const missing = lines.filter(line => !shown.includes(line))
    assert.deepEqual(missing, [])
    await player.accept()
    await player.playing()
    assert.deepEqual(player.errors, [])
  })
}

for (const version of ['1.7', '1.8.8', '1.16.5', '1.20.4', '1.21.4', '1.21.6', '26.1']) {
  test(`${version}: a text of one paragraph, half of it outside of the basic plane, is shown whole`, async t => {
    // As many pages in the chat as a player may turn at once; the library garbles the first character.
    const pairs = version === '1.7' ? 2_000 : 9_000
    const text = `${'\u{20bb7}野'.repeat(pairs)}終`
    const { join } = await scene(t, { version, policy: { en: '# Short\n\nShort.\n', ja: text } })
    const player = join({ locale: 'ja_jp' })
    await player.gate()
    await player.turnPages()
    const shown = squeeze(player.shown)
    assert.ok(shown.includes('終'))
    assert.equal(shown.split('野').length, pairs + 1)
    await player.accept()
    await player.playing()
    assert.deepEqual(player.errors, [])
  })

  test(`${version}: an address in Japanese text is a link that ends before the text goes on`, async t => {
    const text = '# 方針\n\n詳細はhttps://example.net/dをご覧ください。（https://example.net/e）もどうぞ。\n'
    const { join } = await scene(t, { version, policy: { en: '# Short\n\nShort.\n', ja: text } })
    const player = join({ locale: 'ja_jp' })
    await player.gate()
    const all = [...(player.dialog?.links ?? []), ...(player.book ?? []).flatMap(page => page.clicks),
      ...player.chats.flatMap(chat => chat.clicks)].filter(({ action }) => action === 'open_url')
    assert.deepEqual([...new Set(all.map(({ value }) => value))],
      ['https://example.net/d', 'https://example.net/e'])
    assert.equal(all.map(link => link.text).join(''), 'https://example.net/dhttps://example.net/e')
  })
}

for (const version of ['1.7', '1.8.8', '1.20.4', '1.21.4', '1.21.6', '26.1']) {
  test(`${version}: a section sign, which the game would swallow, is read as a word`, async t => {
    const text = '---\ntitle: Hinweise nach § 25\n---\n# Nach § 25\n\nWir speichern nach §5 Abs. 1.\n'
    const { join } = await scene(t, { version, policy: { en: text, ja: text } })
    const player = await join().gate()
    const shown = squeeze(player.shown)
    assert.doesNotMatch(shown, /§/)
    assert.ok(shown.includes('WirspeichernnachPar.5Abs.1.'), shown)
    assert.ok(shown.includes('NachPar.25'), shown)
    await player.accept()
    await player.playing()
  })
}

// The client counts UTF-16 units: 32 of them, or the book is not opened.
for (const version of ['1.8.8', '1.13.2', '1.16.5', '1.20.4', '1.20.6', '1.21.4']) {
  for (const [title, cut] of [['鍵🔑'.repeat(20), '鍵🔑'.repeat(10) + '鍵'], ['約'.repeat(40), '約'.repeat(32)]]) {
    test(`${version}: the book of the policy "${title.slice(0, 3)}..." has a title that a client takes`, async t => {
      const { join } = await scene(t, { version, policy: { en: `---\ntitle: ${title}\n---\nText.\n`, ja: 'ja\n' } })
      const player = join()
      const titles = []
      player.client.on('set_slot', ({ item }) => {
        const content = item.components?.find(({ type }) => type === 'written_book_content')
        // NBT has a surrogate in three bytes each, which the library cannot read.
        titles.push(content?.data.rawTitle ?? nbt.simplify(item.nbtData).title.replaceAll('\ufffd'.repeat(6), '🔑'))
      })
      await player.gate()
      assert.deepEqual(titles, [cut])
    })
  }
}

for (const version of ['1.16.5', '1.21.6']) {
  test(`${version}: who declines is told in Japanese`, async t => {
    const { join } = await scene(t, { version })
    const player = join({ locale: 'ja_jp' })
    await player.decline()
    assert.match(await player.gone(), /[\u3040-\u30ff\u4e00-\u9fff]/)
  })
}

test('a client that never says its language is shown the default one', async t => {
  const { join } = await scene(t, { version: '1.16.5' })
  const player = join({ silent: true })
  await player.gate()
  assert.match(player.shown, /ENDMARKEN/)
})

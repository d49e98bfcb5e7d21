// Writes the tables of fields into docs/rules.md and docs/rules-guide.ja.md, from core/rules/fields.def.
//
//   node tests/tools/fields.mjs --write

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)
const FORMS = ['full', 'drop', 'count', 'flag', 'bucket', 'truncate', 'pseudonym', 'category', 'function']
const BEGIN = '<!-- fields: written by tests/tools/fields.mjs -->'
const END = '<!-- fields end -->'

function read (path) {
  return readFileSync(new URL(path, root), 'utf8')
}

/** "KEPT | COUNT" as names of forms, in the order of the catalogue; KEPT is what field.c says. */
function formsOf (text, kept) {
  const words = text.split('|').flatMap(word => word.trim() === 'KEPT' ? kept : [word.trim().toLowerCase()])
  return FORMS.filter(form => words.includes(form))
}

/** The rows of fields.def: {name, kind, needed, neutral, kept, told, where}. */
export function readFields () {
  const kept = /KEPT = ([A-Z |]+),/.exec(read('core/rules/field.c'))[1].split('|').map(word => word.trim().toLowerCase())
  const columns = ['(\\w+)', '"([^"]+)"', '(\\w+)', '(true|false)', '(NULL|"[^"]*")', '\\w+', '\\w+',
    '([A-Z |]+)', '([A-Z0-9 |\n]+)', '((?:"[^"]*"\\s*)+)']
  const row = new RegExp(`^FIELD\\(${columns.join(',\\s*')}\\)`, 'gm')
  return [...read('core/rules/fields.def').matchAll(row)].map(([, , name, kind, needed, neutral, keptAs, toldAs, where]) => ({
    name,
    kind,
    needed: needed === 'true',
    neutral: neutral === 'NULL' ? null : neutral.slice(1, -1),
    kept: formsOf(keptAs, kept),
    told: formsOf(toldAs.trim(), kept),
    where: [...where.matchAll(/"([^"]*)"/g)].map(([, text]) => text).join('')
  }))
}

const english = {
  head: ['field', 'what it is', 'class', 'kept as', 'told as', 'told without a rule'],
  kinds: { IDENTIFYING: 'identifying', QUASI: 'quasi', CONTENT: 'content' },
  never: 'never',
  always: 'the value: the game needs it',
  identity: 'see [who the player is](#who-the-player-is)',
  alone: 'nothing: Sekisho has it alone',
  nothing: 'nothing',
  standIn: 'a stand-in made from the player',
  where: field => field.where
}

const whereJa = {
  'player.uuid': 'ログイン時。アカウントの番号（オフラインモードでは名前から作られる）',
  'player.name': 'ログイン時。プレイヤー名',
  'player.skin': 'ログイン時。アカウントのスキン情報（アカウント名を含む）',
  'connection.ip': '接続元のアドレス',
  'connection.hostname': '接続の始めに送られる、プレイヤーが入力したサーバーアドレス',
  'client.protocol': '接続の始めに送られる、ゲームのバージョン番号',
  'client.brand': 'クライアントソフトの名前',
  'client.mods': '接続手順で送られるMODの名前（カンマ区切り）。NeoForgeではチャンネルを持つもの',
  'client.channels':
    'クライアントが使うプラグインチャンネルの名前（カンマ区切り）。' +
    'channelの規則が許すものだけが伝わる',
  'client.locale': 'クライアント設定。言語',
  'client.view_distance': 'クライアント設定。描画距離（チャンク）',
  'client.chat_mode': 'クライアント設定。チャットの表示。0 すべて、1 コマンドのみ、2 非表示',
  'client.chat_colors': 'クライアント設定。チャットの色。0 または 1',
  'client.skin_parts': 'クライアント設定。表示するスキンの部位（ビット）',
  'client.main_hand': 'クライアント設定（1.9以降）。利き手。0 左、1 右',
  'client.text_filtering': 'クライアント設定（1.17以降）。不適切な言葉のフィルター。0 または 1',
  'client.server_listing': 'クライアント設定（1.18以降）。0 ならサーバー一覧に名前を出さない',
  'client.particles': 'クライアント設定（1.21.2以降）。パーティクル。0 すべて、1 減らす、2 最小',
  'client.resource_pack': 'リソースパックへの返答。accepted、declined、loaded、failed',
  'client.cookie': 'クッキーの返答（1.20.5以降）。cookieの規則が許すものだけが伝わる',
  'session.start': 'サーバーに来た時刻（2026-01-31T09:00:00.000Z の形）',
  'session.duration': 'サーバーにいた秒数（離れるとき）',
  'session.server': 'サーバーの名前（来たとき）',
  'session.ping': 'クライアントとの往復時間、ミリ秒（離れるとき）',
  'chat.message': 'チャットの発言（コマンドは含まない）',
  'chat.command': 'コマンド（先頭のスラッシュを除く）',
  'chat.private': '個人宛てのメッセージを送るコマンド。通信の秘密のため、決して保存されない',
  'inquiry.company': '問い合わせに書かれた会社名',
  'inquiry.name': '問い合わせに書かれた氏名',
  'inquiry.email': '問い合わせに書かれたメールアドレス',
  'inquiry.account': '問い合わせに書かれたアカウント',
  'inquiry.message': '問い合わせの本文'
}

const japanese = {
  head: ['項目', '内容', '分類', '保存できる形', '伝えられる形', '規則がないときサーバーに伝わるもの'],
  kinds: { IDENTIFYING: '本人を特定', QUASI: '間接的', CONTENT: '発言の内容' },
  never: 'なし',
  always: '値そのもの（ゲームに必要）',
  identity: '自分のサーバーには値そのもの、`third_party` には仮名',
  alone: 'なし（Sekishoだけが知る）',
  nothing: 'なし',
  standIn: 'プレイヤーごとの代わりの値',
  where: field => {
    if (!whereJa[field.name]) throw new Error(`tests/tools/fields.mjs has no Japanese for ${field.name}`)
    return whereJa[field.name]
  }
}

function withoutRule (field, words) {
  if (field.name === 'client.cookie') return words.nothing
  if (field.told.length === 0) return words.alone
  if (field.name === 'player.uuid' || field.name === 'player.name') return words.identity
  if (field.needed) return words.always
  if (field.neutral === null) return words.standIn
  return field.neutral === '' ? words.nothing : `\`${field.neutral}\``
}

function formsText (forms, words) {
  const useful = forms.filter(form => form !== 'drop')
  return useful.length > 0 ? useful.join(', ') : words.never
}

function tableText (fields, words) {
  const rows = fields.map(field => [`\`${field.name}\``, words.where(field), words.kinds[field.kind],
    formsText(field.kept, words), formsText(field.told, words), withoutRule(field, words)])
  return [words.head, words.head.map(() => '---'), ...rows]
    .map(row => `| ${row.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |\n`).join('')
}

/** The pages as they should be: [{path, is, shouldBe}]. */
export function pages () {
  const fields = readFields()
  return [['docs/rules.md', english], ['docs/rules-guide.ja.md', japanese]].map(([path, words]) => {
    const is = read(path)
    const begin = is.indexOf(BEGIN)
    const end = is.indexOf(END)
    if (begin < 0 || end < begin) throw new Error(`${path} has no place for the table of fields`)
    return { path, is, shouldBe: `${is.slice(0, begin)}${BEGIN}\n${tableText(fields, words)}${is.slice(end)}` }
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === '--write') {
  for (const { path, shouldBe } of pages()) writeFileSync(new URL(path, root), shouldBe)
}

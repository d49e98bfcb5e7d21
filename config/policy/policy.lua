-- The policy that players are shown. The texts stand beside this file, one a language: en.md, ja.md.
-- Once players accepted this version, leave it as it is: write the next one into a folder beside it,
-- 2027-01/policy.lua with its texts, with another `version` and the day on which it comes into
-- effect. Who accepted less is asked again; docs/policy.md says who, and how to give them time.
return {
  id = "my-community",
  version = "2026-01",
  effective = "2026-01-01",   -- from midnight (UTC) of this day on
  languages = { "en", "ja" },
  default_language = "en",

  -- grace = "14d",                   -- so long who accepted less may go on with that
  -- material = true,                 -- ask again, even when nothing below allows more
  -- third_parties = { "Example Ltd." },

  -- What data may be used for, and how long at most it may be kept. A rule can only narrow this.
  -- An optional purpose counts for players who chose it. A title is what players read.
  purposes = {
    service   = { keep = "180d", title = { en = "Running the servers", ja = "サーバーの運営" } },
    inquiry   = { keep = "365d", title = { en = "Answering questions", ja = "お問い合わせへの対応" } },
    analytics = {
      keep = "90d",
      optional = true,
      title = { en = "Statistics", ja = "統計" },
    },
  },
}

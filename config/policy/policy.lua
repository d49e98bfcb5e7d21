-- The policy that players are shown. Change `version` whenever the texts change in substance:
-- everybody is asked again. The texts stand beside this file, one a language: en.md, ja.md.
return {
  id = "my-community",
  version = "2026-01",
  effective = "2026-01-01",
  languages = { "en", "ja" },
  default_language = "en",

  -- What data may be used for, and how long at most it may be kept. A rule can only narrow this.
  -- An optional purpose counts for players who chose it.
  purposes = {
    service   = { keep = "180d" },
    inquiry   = { keep = "365d" },
    analytics = {
      keep = "90d",
      optional = true,
      title = { en = "Statistics", ja = "統計" },   -- what its check box says
    },
  },
}

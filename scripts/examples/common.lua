-- What every server here may know of how a client is set up, so that the game looks as its player
-- likes it. None of it says who the player is. A third party's rules have to name purposes.
forward "client.main_hand"   { form = full, purpose = "service" }
forward "client.skin_parts"  { form = full, purpose = "service" }
forward "client.chat_mode"   { form = full, purpose = "service" }
forward "client.chat_colors" { form = full, purpose = "service" }
forward "client.particles"   { form = full, purpose = "service" }

-- For servers that speak these languages: others are as good as English to them, and a rare
-- language tells more about a player than the server needs.
spoken = pattern "^(ja|en|de)_"
function language(ctx)
  return spoken(ctx.value) and ctx.value or "en_us"
end

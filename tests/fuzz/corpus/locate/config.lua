-- c
return {
 listen = "a", --[[ x ]]
 ["servers"] = { lobby = { address = [==[b]==], } },
}

/** Conflicts' losers are sealed under this label of the vault: the worker seals them, the API opens them for who may see. */
export const archiveLabel = "conflict";
/** And values that somebody asked to see, for the moment between the worker and the API. */
export const lookLabel = "look";

const fragment = /^#sign-in=([\w.~-]{1,200})$/;

/**
 * Takes the one-time token out of the address, and out of the history at once, so that neither a bookmark nor the
 * back button carries it.
 */
export function takeLinkToken(
  location: { hash: string; pathname: string; search: string },
  history: { replaceState(state: unknown, title: string, url: string): void },
): string | undefined {
  const token = fragment.exec(location.hash)?.[1];
  if (location.hash.startsWith("#sign-in=")) {
    history.replaceState(null, "", location.pathname + location.search);
  }
  return token;
}

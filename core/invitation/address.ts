/**
 * Is this a mail address that one mail may go to? Narrower than RFC 5321: no quoted local parts, no address
 * literals, no comments and no control characters, so that it is safe in a header and names one recipient.
 */
export function isAddress(text: string): boolean {
  if (text.length > 254) return false;
  const [local, domain, ...rest] = text.split("@");
  if (local === undefined || domain === undefined || rest.length > 0) return false;
  return (
    local.length <= 64 &&
    /^[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u.test(local) &&
    /^([\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}][\p{L}\p{N}-]{0,61}[\p{L}\p{N}]$/u.test(
      domain,
    )
  );
}

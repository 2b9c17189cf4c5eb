/**
 * The tags of a DKIM signature, a key record or a DMARC record (RFC 6376 §3.2): `v=1; a=rsa-sha256; …`. Values keep their inner white
 * space. Undefined where it is no tag list, or names a tag twice: then two programs could read two different things.
 */
export function readTags(text: string): ReadonlyMap<string, string> | undefined {
  const tags = new Map<string, string>();
  for (const part of text.split(';')) {
    const spec = part.trim();
    if (spec === '') continue;
    const equals = spec.indexOf('=');
    const name = spec.slice(0, equals).trimEnd();
    if (equals < 1 || !/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || tags.has(name)) return undefined;
    tags.set(name, spec.slice(equals + 1).trim());
  }
  return tags.size > 0 ? tags : undefined;
}

/** `from : to : subject` as lower-case words. */
export function readTagWords(value: string): readonly string[] {
  return value.split(':').map((word) => word.trim().toLowerCase());
}

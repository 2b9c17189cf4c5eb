/** Far more than any form of ours, in bytes. */
const largestForm = 64 * 1024;

/** A body over `largestForm`. */
export class TooLarge extends Error {}

export type Form = ReadonlyMap<string, string>;

/**
 * The fields of a form in either of HTML's encodings, the first of each name; files are left out. A body of another type, or one
 * that cannot be read, has none. Throws `TooLarge`, before the rest is read.
 */
export async function readForm(request: Request): Promise<Form> {
  const body = await readBody(request);
  const type = request.headers.get('content-type') ?? '';
  if (!/^(?:application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type)) return new Map();
  const fields = await new Response(body, { headers: { 'content-type': type } })
    .formData()
    .catch(() => new FormData());
  const form = new Map<string, string>();
  for (const [name, value] of fields) {
    if (typeof value === 'string' && !form.has(name)) form.set(name, value);
  }
  return form;
}

/** Counts what really comes: Content-Length may be absent (chunked). */
async function readBody(request: Request): Promise<Buffer> {
  if (Number(request.headers.get('content-length') ?? 0) > largestForm) throw new TooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.length;
    if (bytes > largestForm) throw new TooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A file written into plain text, as mail programs did before MIME and some still read (POSIX uuencode). */
export interface UuencodedFile {
  readonly name: string;
  /** Its first line, decoded: at most 45 bytes. */
  readonly head: Buffer;
}

const mostFiles = 20;

/** The uuencoded files in a body, `begin 644 setup.exe` and a line of code after it. */
export function findUuencoded(body: Buffer): readonly UuencodedFile[] {
  const files: UuencodedFile[] = [];
  for (let at = firstBegin(body); at !== -1; at = nextBegin(body, at)) {
    if (files.length >= mostFiles) break;
    const lines = body.toString('latin1', at, at + 600).split(/\r?\n/, 2);
    const [, base64, name] = /^begin(-base64)? [0-7]{3,4} {1,8}(\S.{0,255})$/.exec(lines[0] ?? '') ?? [];
    const code = lines[1] ?? '';
    const head = base64 ? Buffer.from(code, 'base64') : decodeLine(code);
    if (name !== undefined && head) files.push({ name: name.trimEnd(), head });
  }
  return files;
}

function firstBegin(body: Buffer): number {
  return body.toString('latin1', 0, 5) === 'begin' ? 0 : nextBegin(body, 0);
}

/** Where the next line starts with `begin`, behind `from`: a search of the runtime's own, for hostile text has millions of them. */
function nextBegin(body: Buffer, from: number): number {
  const end = body.indexOf('\nbegin', from);
  return end === -1 ? -1 : end + 1;
}

/** A length, then four characters for three bytes; undefined for what is no such line. */
function decodeLine(line: string): Buffer | undefined {
  const length = (line.charCodeAt(0) - 32) & 63;
  const digits = line.slice(1, 1 + Math.ceil(length / 3) * 4);
  if (length === 0 || length > 45 || digits.length < Math.ceil((length * 4) / 3)) return undefined;
  if (!/^[\x20-\x60]*$/.test(line)) return undefined;
  const values = [...digits.padEnd(Math.ceil(length / 3) * 4, ' ')].map((c) => (c.charCodeAt(0) - 32) & 63);
  const bytes: number[] = [];
  for (let i = 0; i + 3 < values.length; i += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = values.slice(i, i + 4);
    bytes.push((a << 2) | (b >> 4), ((b & 15) << 4) | (c >> 2), ((c & 3) << 6) | d);
  }
  return Buffer.from(bytes.slice(0, length));
}

import { createHash, hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { canonicalBody, relaxedPieces } from './canonical-body.ts';
import { type HeaderField, type MailHead, readHead } from './headers.ts';
import { pieceBytes } from './piece-bytes.ts';
import { signMany, signNow } from './sign-data.ts';
import { frameSignature, type SignatureFrame, signedField } from './sign-field.ts';
import { canonicalLine, signedFields } from './signed-text.ts';
import type { SigningKey } from './signing-key.ts';
import { type Filling, type Template, templateOf } from './template.ts';
import { discard } from './thread-bytes.ts';

/** What is signed of a mail that many get: its head, and the hash of its body, which is made once. */
export interface Signable {
  readonly head: Pick<MailHead, 'fields'>;
  /** base64, of the relaxed body. */
  readonly bodyHash: string;
}

/** base64, of the relaxed body. The event loop goes on between the MiB of a large one. */
export async function bodyHashOf(body: Buffer): Promise<string> {
  if (body.length <= pieceBytes) return hash('sha256', canonicalBody(body, 'relaxed'), 'base64');
  const sum = createHash('sha256');
  const pieces = relaxedPieces(body);
  for (;;) {
    await nextTurn();
    const piece = pieces.next();
    if (piece.done) return sum.digest('base64');
    sum.update(piece.value);
    discard(piece.value);
  }
}

/**
 * What h= names (email.md §5.6). `closed`: named once more than it is there, so that nobody can add another without breaking the
 * signature (RFC 6376 §8.15); the others are named as often as they are there.
 */
export const signedNames: readonly { readonly name: string; readonly closed: boolean }[] = [
  ...['From', 'Reply-To', 'To', 'Cc', 'Subject', 'Date', 'Message-ID'].map(closed),
  ...['In-Reply-To', 'References'].map(open),
  ...['MIME-Version', 'Content-Type', 'Content-Transfer-Encoding', 'List-Id'].map(closed),
  ...['List-Post', 'List-Help', 'List-Subscribe', 'List-Owner', 'List-Archive'].map(open),
  // RFC 8058 §4: a one-click link counts only where the signature covers both.
  ...['List-Unsubscribe', 'List-Unsubscribe-Post'].map(closed),
  ...['Archived-At', 'Feedback-ID', 'Auto-Submitted'].map(open),
  closed('Sender'),
  open('Precedence'),
];

/** Writes the DKIM-Signature fields of some copies, each with these fields on top of the shared ones; in their order. */
export type SignCopies = (onTop: readonly Filling[]) => Promise<string[]>;

/**
 * Signs the copies of a mail (RFC 6376), each with fields of its own on top: relaxed/relaxed, no l=, which would let anybody add text, and
 * no x=, because mail may wait. The shared fields and the template of the others are brought into their canonical form once for all copies.
 * `at`, epoch milliseconds, is what t= says; with the same, a copy that is made again is the same, byte for byte.
 */
export function createDkimSigner(
  mail: Signable,
  {
    keys,
    at,
    urgent,
  }: { readonly keys: readonly SigningKey[]; readonly at: number; readonly urgent: boolean },
): SignCopies {
  const planOf = keepLast((template: Template) => {
    const { fields } = readHead(Buffer.from(template.text, 'latin1'));
    const names = fields.map(({ name }) => name);
    const { h, shared, own } = coverage(mail.head, names);
    return {
      frames: keys.map((key) => frame(key, { h, at, bodyHash: mail.bodyHash })),
      shared,
      // Apart from the shared ones: those are the author's, and may hold what marks a blank.
      own: templateOf(linesOf(signedFields({ fields }, own))),
    };
  });
  const signAll = urgent ? signEachNow : signMany;
  return async (onTop) => {
    const copies = onTop.map(({ template, values }) => {
      const { frames, shared, own } = planOf(template);
      return { frames, covered: shared + own.fill(values) };
    });
    const fieldsOf = async (key: SigningKey, index: number) => {
      const frames = copies.map((copy) => copy.frames[index] as SignatureFrame);
      const signatures = await signAll(
        copies.map(({ covered }, i) => covered + frames[i]?.canonical),
        key,
      );
      return frames.map((each, i) => signedField(each, signatures[i] as Buffer, { folded: true }));
    };
    const signed = await Promise.all(keys.map(fieldsOf));
    return copies.map((_, i) => signed.map((fields) => fields[i]).join(''));
  };
}

function signEachNow(texts: readonly string[], key: SigningKey): Promise<Buffer[]> {
  return Promise.all(texts.map((text) => signNow(text, key)));
}

/** What the copies with fields of these names on top have in common. */
interface Coverage {
  readonly h: string;
  /** The canonical lines of the shared fields, which are hashed first: of each name they are the lower ones (RFC 6376 §5.4.2). */
  readonly shared: string;
  /** Names of the copy's own fields, in the order in which they follow. */
  readonly own: readonly string[];
}

function coverage(head: Pick<MailHead, 'fields'>, onTop: readonly string[]): Coverage {
  const shared = namesIn(
    head.fields.map(({ name }) => name),
    signedNames.filter(({ name }) => !onTop.includes(name.toLowerCase())),
  );
  const both = signedNames.filter(({ name }) => onTop.includes(name.toLowerCase()));
  const below = namesIn(
    head.fields.map(({ name }) => name),
    both.map(({ name }) => open(name)),
  );
  const own = namesIn(onTop, both);
  return {
    h: [...shared, ...below, ...own].join(':'),
    shared: linesOf(
      signedFields(
        head,
        [...shared, ...below].map((name) => name.toLowerCase()),
      ),
    ),
    own: own.map((name) => name.toLowerCase()),
  };
}

/** `there`: lower case. */
export function namesIn(there: readonly string[], wanted: typeof signedNames): string[] {
  return wanted.flatMap(({ name, closed }) => {
    const count = there.filter((one) => one === name.toLowerCase()).length;
    return new Array<string>(count + (closed ? 1 : 0)).fill(name);
  });
}

/** Canonical, each with its line end. */
export function linesOf(fields: readonly HeaderField[]): string {
  return fields.map((field) => `${canonicalLine(field, 'relaxed')}\r\n`).join('');
}

function frame(
  { algorithm, domain, selector }: SigningKey,
  { h, at, bodyHash }: { readonly h: string; readonly at: number; readonly bodyHash: string },
): SignatureFrame {
  return frameSignature('DKIM-Signature', [
    ['v', '1'],
    ['a', `${algorithm}-sha256`],
    ['c', 'relaxed/relaxed'],
    ['d', domain],
    ['s', selector],
    ['t', `${Math.floor(at / 1000)}`],
    ['h', h],
    ['bh', bodyHash],
    ['b', ''],
  ]);
}

/** Nearly every copy asks for what the one before it asked for. */
function keepLast<Key, T>(make: (key: Key) => T): (key: Key) => T {
  let last: { readonly key: Key; readonly made: T } | undefined;
  return (key) => {
    if (last?.key !== key) last = { key, made: make(key) };
    return last.made;
  };
}

function closed(name: string) {
  return { name, closed: true };
}

function open(name: string) {
  return { name, closed: false };
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHead } from '../../src/mail/headers.ts';
import { inspectLines } from '../../src/mail/line-ends.ts';
import { makeSendable } from '../../src/rewrite/bytes.ts';
import { addFooter } from '../../src/rewrite/footer.ts';
import { plainCopy } from '../../src/rewrite/plain-copy.ts';
import { standardFooter } from '../rewrite/golden-footers.ts';
import { findPeer } from '../support/peers.ts';

const corpora = process.env.LISTWRIGHT_CORPORA ?? '';
const python = findPeer('python3');
const mails = corpora
  ? ['mime-robust', 'mime-parse', 'eai'].flatMap(listMails).map((file) => join(corpora, file))
  : [];

/** Prints for each pair of files whether Python's email package finds the same parts in both, and which of them differ. */
const judge = `
import email, json, sys
def leaves(path):
    found = []
    for part in email.message_from_bytes(open(path, "rb").read()).walk():
        if part.is_multipart(): continue
        found.append([part.get_content_type(), part.get_payload(decode=True) or b""])
    return found
verdicts = []
for number in range(int(sys.argv[2])):
    before, after = leaves(f"{sys.argv[1]}/{number}.in"), leaves(f"{sys.argv[1]}/{number}.out")
    same = [kind for kind, _ in before] == [kind for kind, _ in after][:len(before)]
    differ = [after[i][1].decode("latin1") for i in range(min(len(before), len(after))) if after[i][1].rstrip() != before[i][1].rstrip()]
    verdicts.append({"same": same, "more": [c.decode("latin1") for _, c in after[len(before):]], "differ": differ})
print(json.dumps(verdicts))
`;

interface Verdict {
  readonly same: boolean;
  readonly more: readonly string[];
  readonly differ: readonly string[];
}

/** Its delimiters have 7,000 octets: no server would carry it. */
const uncarriable = ['very-very-long-boundary.msg'];

describe.skipIf(!corpora || !python)('odd, broken and hostile mail', () => {
  it('has the same parts with a footer, and what differs is that', () => {
    const rewritten = mails.map((file) => {
      const raw = makeSendable(readFileSync(file)).raw;
      const result = addFooter(raw, standardFooter);
      return { file, raw, out: result.kind === 'added' ? result.raw : raw, added: result.kind === 'added' };
    });
    expect(rewritten.filter(({ added }) => added).length).toBeGreaterThan(mails.length * 0.8);
    const verdicts = judged(rewritten);
    const wrong = verdicts.filter(
      ({ same, more, differ }, i) =>
        !uncarriable.some((name) => rewritten[i]?.file.endsWith(name)) &&
        !(
          same &&
          more.length <= 1 &&
          [...more, ...differ].every((content) => content.includes('Settings and leaving'))
        ),
    );
    expect(wrong).toEqual([]);
    const without = rewritten.filter(({ added }, i) => added && !hasFooter(verdicts[i]));
    expect(without.map(({ file }) => file)).toEqual([]);
  });

  it('means the same in seven bits', () => {
    const rewritten = mails.map((file) => {
      const { raw } = makeSendable(readFileSync(file));
      const head = readHead(raw);
      const copy = plainCopy({ head, body: raw.subarray(head.bodyStart) }, 'seven-bit');
      const fields = copy.head.fields.map((field) => field.raw).join('');
      return { file, raw, out: Buffer.concat([Buffer.from(`${fields}\r\n`, 'latin1'), copy.body]) };
    });
    const wrong = judged(rewritten).flatMap(({ same, differ }, i) =>
      same && differ.length === 0 ? [] : [rewritten[i]?.file],
    );
    expect(wrong).toEqual([]);
  });

  it.each(mails)('can be sent: %s', (file) => {
    const start = performance.now();
    const { raw } = makeSendable(readFileSync(file));
    expect(inspectLines(raw).bareEnds).toBe(false);
    addFooter(raw, standardFooter);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

function judged(mailPairs: readonly { raw: Buffer; out: Buffer }[]): Verdict[] {
  const folder = mkdtempSync(join(tmpdir(), 'footers-'));
  try {
    mailPairs.forEach(({ raw, out }, i) => {
      writeFileSync(join(folder, `${i}.in`), raw);
      writeFileSync(join(folder, `${i}.out`), out);
    });
    const output = execFileSync(python ?? '', ['-c', judge, folder, `${mailPairs.length}`], {
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    });
    return JSON.parse(output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function hasFooter(verdict: Verdict | undefined): boolean {
  return [...(verdict?.more ?? []), ...(verdict?.differ ?? [])].length > 0;
}

/** Without what the corpora say about their mails. */
function listMails(corpus: string): string[] {
  return readdirSync(join(corpora, corpus), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(md|xml|json|out)$|^LICENSE|_decoded_.*$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(corpora.length + 1))
    .sort();
}

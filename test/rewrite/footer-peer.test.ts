import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findPeer } from '../support/peers.ts';
import { golden, grownNames } from './golden-footers.ts';

/** Prints for each mail the leaves that Python's email package finds: type, content, what it finds wrong. */
const judge = `
import email, json, sys
def leaves(path):
    found = []
    for part in email.message_from_bytes(open(path, "rb").read()).walk():
        if part.is_multipart(): continue
        content = (part.get_payload(decode=True) or b"").decode(part.get_content_charset("utf-8"), "replace")
        found.append([part.get_content_type(), content, [type(d).__name__ for d in part.defects]])
    return found
print(json.dumps([leaves(path) for path in sys.argv[1:]]))
`;

const python = findPeer('python3');
type SeenLeaf = readonly [type: string, content: string, defects: readonly string[]];

/** By name: the leaves of the mail before and after. */
function judgeAll(program: string): Map<string, readonly [SeenLeaf[], SeenLeaf[]]> {
  const folder = mkdtempSync(join(tmpdir(), 'footers-'));
  try {
    const files = grownNames.flatMap((name) => [`${name}.in.eml`, `${name}.out.eml`]);
    for (const file of files) writeFileSync(join(folder, file), golden(file));
    const paths = files.map((file) => join(folder, file));
    const seen: SeenLeaf[][] = JSON.parse(
      execFileSync(program, ['-c', judge, ...paths], { encoding: 'utf8' }),
    );
    return new Map(grownNames.map((name, i) => [name, [seen[2 * i] ?? [], seen[2 * i + 1] ?? []]]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(!python)('Python’s email package', () => {
  const seen = python ? judgeAll(python) : new Map();

  test.each(grownNames)('sees the same parts in %s, and the footer', (name) => {
    const [before, after]: readonly [SeenLeaf[], SeenLeaf[]] = seen.get(name) ?? [[], []];
    const known = after.slice(0, before.length);
    expect(known.map(shapeOf)).toEqual(before.map(shapeOf));
    known.forEach(([type, content], i) => {
      const text = before[i]?.[1] ?? '';
      if (content === text) return;
      expect(type).toMatch(/^text\/(plain|html)$/);
      expect(withoutFooter(content)).toBe(withoutFooter(text));
    });
    expect(after.some(([, content]) => /^Settings and leaving: (<a href=")?https:/m.test(content))).toBe(
      true,
    );
  });
});

function shapeOf([type, , defects]: SeenLeaf) {
  return { type, defects };
}

function withoutFooter(content: string): string {
  return content
    .replace(/\s*<div style="margin-top[^>]*>Birds of the north.*<\/div>\s*/s, '')
    .replace(/-- \r?\nBirds of the north, a mailing list.*\r?\nSettings and leaving: \S+/, '')
    .replace(/\s+/g, ' ')
    .trimEnd();
}

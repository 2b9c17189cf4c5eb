import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

interface Citation {
  readonly rfc: number;
  /** `§4.2.1`, or '' for the whole. */
  readonly section: string;
  readonly file: string;
  readonly sentence: string;
}

/** docs/standards.md: every `RFC n §x` that a comment or a text in the code cites, with the sentence that cites it. */
export function standardsMarkdown(root: string): string {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join(root, file));
  const citations = files.flatMap(citationsIn).sort(byNumber);
  const numbers = [...new Set(citations.map(({ rfc }) => rfc))];
  const head = `# Standards

Where the code obeys a standard it says so; this is the list of those places.
`;
  return [head, ...numbers.map((rfc) => chapter(rfc, citations))].join('\n');
}

function chapter(rfc: number, citations: readonly Citation[]): string {
  const rows = citations
    .filter((citation) => citation.rfc === rfc)
    .map(({ section, file, sentence }) => `| ${section} | ${file} | ${sentence.replaceAll('|', '\\|')} |`);
  return `## [RFC ${rfc}](https://www.rfc-editor.org/rfc/rfc${rfc})\n\n| § | where | what |\n|---|---|---|\n${[...new Set(rows)].join('\n')}\n`;
}

function citationsIn(file: string): Citation[] {
  return textsIn(readFileSync(file, 'utf8')).flatMap((text) =>
    sentencesOf(text).flatMap((sentence) =>
      // `RFC 5322 §3.6.4, §3.6.5` cites twice, `RFC 2369` once.
      [...sentence.matchAll(/RFC (\d+)((?:(?:, | and | )?§[\d.]*\d)*)/g)].flatMap(([, rfc, sections = '']) =>
        (sections.match(/§[\d.]*\d/g) ?? ['']).map((section) => ({
          rfc: Number(rfc),
          section,
          file,
          sentence,
        })),
      ),
    ),
  );
}

/** Comments, neighbouring `//` lines as one text, and string literals. */
function textsIn(source: string): string[] {
  const file = ts.createSourceFile('source.tsx', source, ts.ScriptTarget.Latest, false, ts.ScriptKind.TSX);
  const comments = new Map<number, ts.CommentRange>();
  const literals: string[] = [];
  const visit = (node: ts.Node): void => {
    const around = [
      ...(ts.getLeadingCommentRanges(source, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(source, node.getEnd()) ?? []),
    ];
    for (const range of around) comments.set(range.pos, range);
    if (ts.isStringLiteralLike(node)) literals.push(node.text);
    for (const child of node.getChildren(file)) visit(child);
  };
  visit(file);
  const ranges = [...comments.values()].sort((a, b) => a.pos - b.pos);
  return [...joinLines(source, ranges), ...literals].map((text) => text.replace(/\s+/g, ' ').trim());
}

function joinLines(source: string, ranges: readonly ts.CommentRange[]): string[] {
  const texts: string[] = [];
  let end = -1;
  for (const range of ranges) {
    const text = source
      .slice(range.pos, range.end)
      .replace(/^\/[/*]+|\*+\/$/g, '')
      .replace(/^\s*\* /gm, ' ');
    const line = range.kind === ts.SyntaxKind.SingleLineCommentTrivia;
    const follows = line && end >= 0 && /^\s*$/.test(source.slice(end, range.pos));
    texts.push(follows ? `${texts.pop()} ${text}` : text);
    end = line ? range.end : -1;
  }
  return texts;
}

/** `RFC 5321 §4.2.1.` ends one, `e.g. this` does not. */
function sentencesOf(text: string): string[] {
  return text.split(/(?<=[a-z0-9)`"'][.!?])\s+(?=[A-Z`"'(])/);
}

function byNumber(a: Citation, b: Citation): number {
  return (
    a.rfc - b.rfc ||
    a.section.localeCompare(b.section, 'en', { numeric: true }) ||
    a.file.localeCompare(b.file, 'en')
  );
}
